package timeline

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"
)

// long is a log of n chunks and a bit that a follower has read, and so had sealed.
func long(t *testing.T, chunks int) *Log {
	t.Helper()
	l := NewLog(time.Now())
	for i := range chunks*chunkEvents + 100 {
		e := Event{Type: TrafficTick, Src: "client/1", Msg: "a <b> & c", D: Tick{Seconds: 0.25, P50MS: float64(i) / 7, Picks: "123"}}
		if i%500 == 0 {
			e = Event{Type: FaultInjected, On: []string{Replica("greeter-2")}, Sev: Bad, Msg: "kill", D: Fault{ID: i, Kind: "kill", Targets: []string{"greeter-2"}}}
		}
		l.Append(e)
		if i%1000 == 999 {
			if _, err := l.Next(t.Context(), uint64(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return l
}

// A record reads the same whether its events are open or sealed.
func TestSealedEventsReadBack(t *testing.T) {
	l := long(t, 11)
	if len(l.sealed) < 2 || l.openEvents() > openEvents+1000 {
		t.Fatalf("%d chunks and %d open events", len(l.sealed), l.openEvents())
	}
	events := l.Events()
	if n := 11*chunkEvents + 100; l.Len() != uint64(n) || len(events) != n {
		t.Fatalf("%d events, or %d, want %d", l.Len(), len(events), n)
	}
	border := int(l.sealedEvents())
	for _, seq := range []int{chunkEvents - 1, border - 1, border, border + 1} {
		list := l.After(uint64(seq))
		if len(list) != len(events)-seq {
			t.Errorf("after %d: %d events", seq, len(list))
		}
		for i, e := range list {
			if e.Seq != uint64(seq+i+1) {
				t.Fatalf("after %d: event %d has seq %d", seq, i, e.Seq)
			}
		}
	}
	if f, ok := Payload[Fault](events[500]); !ok || f.ID != 500 || f.Targets[0] != "greeter-2" || events[500].Sev != Bad {
		t.Errorf("a sealed fault came back as %v %+v", events[500], f)
	}
	if d, ok := Payload[Tick](events[777]); !ok || d.P50MS != 777.0/7 || events[777].Msg != "a <b> & c" {
		t.Errorf("a sealed tick came back as %v %+v", events[777], d)
	}
}

// Who writes the record after the events were sealed writes the same bytes.
func TestSealedEventsAreWrittenAlike(t *testing.T) {
	l := long(t, 12)
	l.Close()
	var file bytes.Buffer
	if err := l.WriteTo(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(file.String(), "\n")
	if len(lines) != 12*chunkEvents+101 || l.sealed == nil {
		t.Fatalf("%d lines", len(lines))
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	e := l.some(0)[42]
	e.D = Tick{Seconds: 0.25, P50MS: 6, Picks: "123"}
	if err := enc.Encode(e); err != nil {
		t.Fatal(err)
	}
	if lines[42]+"\n" != want.String() {
		t.Errorf("sealed: %s\nopen:   %s", lines[42], want.String())
	}
}

// Followers of all speeds see everything, whatever is sealed behind or before them.
func TestFollowersCrossTheSeal(t *testing.T) {
	const n = 16 * chunkEvents
	l := NewLog(time.Now())
	var all sync.WaitGroup
	for start := range 4 {
		all.Go(func() {
			next := uint64(start*3*chunkEvents/2) + 1
			err := l.Follow(t.Context(), next-1, func(e Event) error {
				if e.Seq != next {
					t.Errorf("follower %d: %d after %d", start, e.Seq, next-1)
				}
				next = e.Seq + 1
				return nil
			})
			if err != nil || next != n+1 {
				t.Errorf("follower %d ended before %d: %v", start, next, err)
			}
		})
	}
	for range 2 {
		all.Go(func() {
			for range n / 2 {
				l.Append(Event{Type: LogLine, Msg: "x"})
			}
		})
	}
	all.Go(func() {
		for l.Len() < n {
			time.Sleep(time.Millisecond)
		}
		l.Close()
	})
	all.Wait()
}

// An event that JSON cannot hold stays as it is, and so do all after it.
func TestWhatCannotBeSealedStaysOpen(t *testing.T) {
	l := NewLog(time.Now())
	l.Append(Event{Type: LogLine, D: make(chan int)})
	for range 2 * openEvents {
		l.Append(Event{Type: LogLine})
	}
	for range 2 {
		if list, err := l.Next(t.Context(), 0); err != nil || len(list) == 0 || list[0].Seq != 1 {
			t.Fatalf("%d events, %v", len(list), err)
		}
		if list := l.After(0); len(list) != 2*openEvents+1 {
			t.Fatalf("%d events after the first try", len(list))
		}
	}
	if len(l.sealed) != 0 || l.Append(Event{}).Seq != 2*openEvents+2 {
		t.Error("something was sealed")
	}
}
