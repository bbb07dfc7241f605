package view

import (
	"os"
	"strings"
	"testing"

	"devstack/timeline"
)

// tickAt200 is a quarter of a second at 200 calls a second over three replicas.
func tickAt200() timeline.Event {
	share := map[string]timeline.TickShare{"greeter-1": {OK: 17}, "greeter-2": {OK: 17}, "greeter-3": {OK: 16}}
	return timeline.Event{Type: timeline.TrafficTick, Src: "client/1", Msg: "traffic", D: timeline.Tick{
		Seconds: 0.25, Rate: 200, Replicas: share, P50MS: 1, P99MS: 3, Picks: strings.Repeat("123", 17)[:50]}}
}

// What a live run's most frequent event costs a view, with the past full.
func BenchmarkAddTick(b *testing.B) {
	s, e := &State{}, tickAt200()
	for range 3 * historyTicks {
		e.Seq, e.T = e.Seq+1, e.T+0.25
		s.Add(e)
	}
	b.ReportAllocs()
	for b.Loop() {
		e.Seq, e.T = e.Seq+1, e.T+0.25
		s.Add(e)
	}
}

// What an event of any kind costs when it comes from a file: most of it is JSON.
func BenchmarkFoldRecorded(b *testing.B) {
	file, err := os.Open("testdata/kill-node.ndjson")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Fold(events)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}
