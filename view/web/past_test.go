package web

import (
	"encoding/json"
	"testing"
	"time"

	"devstack/timeline"
)

// A moment is the same picture whether it is folded from a snapshot or from the beginning.
func TestAtIsTheSameFromASnapshot(t *testing.T) {
	f := &fake{log: timeline.NewLog(time.Now())}
	f.begin()
	for i := range 3 * snapshotEvery {
		switch i % 1000 {
		case 300:
			f.breakOne(Action{Kind: "kill", Target: "greeter-2"})
		case 600:
			f.mend()
		default:
			f.tick("123", 1, 2, 3)
		}
	}
	fresh, kept := newHub(f.log), newHub(f.log)
	kept.fold(f.log.Events())
	if len(kept.past) != 3 {
		t.Fatalf("%d snapshots of %d events", len(kept.past), len(f.log.Events()))
	}
	kept.thin() // what is left is the second
	if len(kept.past) != 1 || kept.past[0].state.Seq != 2*snapshotEvery {
		t.Fatalf("thinned to %d snapshots", len(kept.past))
	}
	kept.fold([]timeline.Event{f.log.Append(timeline.Event{Type: timeline.LogLine})})
	picture := func(h *hub, at float64) string {
		w := h.at(at)
		b, err := json.Marshal([]any{w.State, w.Shares, w.Odd, w.Waterfalls, w.Tape, w.Events, w.Points[max(0, len(w.Points)-1000):]})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	events := f.log.Events()
	for _, seq := range []int{0, 100, snapshotEvery - 1, snapshotEvery, snapshotEvery + 1, 2*snapshotEvery + 500, len(events) - 1} {
		at := events[seq].T
		if got, want := picture(kept, at), picture(fresh, at); got != want {
			t.Errorf("at event %d:\n%.2000s\nnot\n%.2000s", seq+1, got, want)
		}
	}
}
