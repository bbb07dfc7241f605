package view

import (
	"encoding/json"
	"testing"

	"devstack/timeline"
)

// wholeText is s with what its JSON leaves out.
func wholeText(t *testing.T, s *State) string {
	t.Helper()
	n := len(s.Traffic.Tape)
	b, err := json.Marshal([]any{s, s.Traffic.Tape[max(0, n-tapeCells):], s.Traffic.History, s.Recent, s.Waterfalls(), s.Shares(), s.Callers()})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// From any moment on, a snapshot and its original go their own ways to the same end.
func TestSnapshot(t *testing.T) {
	for _, name := range []string{"kill-node", "two-clients"} {
		t.Run(name, func(t *testing.T) { snapshotsOf(t, recordedAs(t, name)) })
	}
}

func snapshotsOf(t *testing.T, events []timeline.Event) {
	end := wholeText(t, Fold(events))
	s := &State{}
	for i, e := range events {
		s.Add(e)
		if i%7 != 0 {
			continue
		}
		snap := s.Snapshot()
		before := wholeText(t, s)
		for _, e := range events[i+1:] {
			snap.Add(e)
		}
		if got := wholeText(t, snap); got != end {
			t.Fatalf("from event %d on a snapshot comes to\n%s\nnot\n%s", i+1, got, end)
		}
		if after := wholeText(t, s); after != before {
			t.Fatalf("a snapshot of event %d changed its original from\n%s\nto\n%s", i+1, before, after)
		}
	}
}
