package resolver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"testing"

	"github.com/hashicorp/consul/api"
)

func body(n int) []byte {
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(web(n))
	return b.Bytes()
}

func decode(b *testing.B, raw []byte) []*api.ServiceEntry {
	var out []*api.ServiceEntry
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&out); err != nil {
		b.Fatal(err)
	}
	return out
}

// What any client of Consul pays: the answer's JSON.
func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			raw := body(n)
			for b.Loop() {
				decode(b, raw)
			}
		})
	}
}

// From the answer's bytes to the State that the balancer is given, one instance having changed.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			raw := body(n)
			t, err := ParseTarget("consul:///web")
			if err != nil {
				b.Fatal(err)
			}
			s, seed := shapeOf(t, 1), maphash.MakeSeed()
			given, _ := s.instances(decode(b, raw)[1:])
			for b.Loop() {
				entries := decode(b, raw)
				digest(seed, entries, "")
				found, _ := s.instances(entries)
				if added, _, _ := diff(given, found); len(added) != 1 {
					b.Fatal("no change")
				}
				state(found)
			}
		})
	}
}

// An answer that brought nothing new.
func BenchmarkUnchanged(b *testing.B) {
	entries, seed := web(1000), maphash.MakeSeed()
	for b.Loop() {
		digest(seed, entries, "")
	}
}

// The same without the JSON: from the entries to the State.
func BenchmarkState(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			t, err := ParseTarget("consul:///web")
			if err != nil {
				b.Fatal(err)
			}
			s, seed, entries := shapeOf(t, 1), maphash.MakeSeed(), web(n)
			given, _ := s.instances(entries[1:])
			b.ReportAllocs()
			for b.Loop() {
				digest(seed, entries, "")
				found, _ := s.instances(entries)
				if added, _, _ := diff(given, found); len(added) != 1 {
					b.Fatal("no change")
				}
				state(found)
			}
		})
	}
}
