package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
	"devstack/view"
)

// busy is a record of ten minutes at 200 calls a second, with two faults, and its fold.
func busy(b *testing.B) (*fake, *hub) {
	b.Helper()
	f := &fake{log: timeline.NewLog(time.Now())}
	f.begin()
	picks := strings.Repeat("123", 17)[:50]
	for i := range 2400 {
		f.tick(picks, 1, 2, 3)
		if i%1200 == 600 {
			f.breakOne(Action{Kind: "kill", Target: "greeter-2"})
			f.mend()
		}
	}
	h := newHub(f.log)
	h.fold(f.log.Events())
	return f, h
}

// BenchmarkFrame is a picture of now, four of which a second are drawn when anybody looks.
func BenchmarkFrame(b *testing.B) {
	_, h := busy(b)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		h.version++
		picture, err := h.frame()
		if err != nil {
			b.Fatal(err)
		}
		size = len(picture)
	}
	b.ReportMetric(float64(size), "B/frame")
}

// BenchmarkEvent is one tick as each page that listens gets it.
func BenchmarkEvent(b *testing.B) {
	f, _ := busy(b)
	events := f.log.Events()
	tick := events[len(events)-1]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(tick); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHello is what a page gets that comes late.
func BenchmarkHello(b *testing.B) {
	_, h := busy(b)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		w, _ := h.whole()
		text, err := json.Marshal(w)
		if err != nil {
			b.Fatal(err)
		}
		size = len(text)
	}
	b.ReportMetric(float64(size), "B/hello")
}

// BenchmarkFold is what the hub does about an event, whether or not anybody looks.
func BenchmarkFold(b *testing.B) {
	f, _ := busy(b)
	events := f.log.Events()
	b.ReportAllocs()
	for b.Loop() {
		var s view.State
		for _, e := range events {
			s.Add(e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}
