package scenarios

import (
	"testing"

	"devstack/timeline"
)

func TestSpread(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(*tale)
		want int
		seen bool
	}{
		"a rotation": {func(t *tale) {
			t.picker(0, trio)
			t.rotate(0.1, 0.15, trio...) // ten picks
		}, 1, true},
		"an uneven rotation": {func(t *tale) {
			t.picker(0, trio)
			t.rotate(0.1, 0.115, trio...)
			t.rotate(0.2, 0.25, "greeter-1")
		}, 10, true},
		"one of the ready gets nothing": {func(t *tale) {
			t.picker(0, trio)
			t.rotate(0.1, 0.2, pair...)
		}, 10, true},
		"uneven only across a change of the picker": {func(t *tale) {
			t.picker(0, trio)
			t.rotate(0.1, 0.4, trio...)
			t.picker(0.4, pair, "greeter-2")
			t.rotate(0.4, 1, pair...)
		}, 0, true},
		"less than two rotations prove nothing": {func(t *tale) {
			t.picker(0, trio)
			t.rotate(0.1, 0.12, "greeter-1")
		}, 0, false},
		"nobody is ready": {func(t *tale) { t.picker(0, nil) }, 0, false},
		"no record":       {func(*tale) {}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var story tale
			c.tell(&story)
			got, seen := story.record().spread(window{0, 2})
			if got != c.want || seen != c.seen {
				t.Errorf("spread %d, seen %v; want %d, %v", got, seen, c.want, c.seen)
			}
		})
	}
}

// A call that was sent under the old picker does not count for the new one's fairness.
func TestSpreadForgetsCallsOfThePickerBefore(t *testing.T) {
	var story tale
	story.picker(0, trio)
	story.picker(1, pair, "greeter-2")
	for range 20 {
		story.calls = append(story.calls, timeline.Call{Sent: 0.9, Picked: 1.1, Done: 1.2, OK: true, Replica: "greeter-1"})
	}
	story.rotate(1.2, 2, pair...)
	if got, seen := story.record().spread(window{1, 2}); got > 1 || !seen {
		t.Errorf("spread %d, seen %v; want at most 1", got, seen)
	}
}

func TestInFlightCountsOnlyTheVictims(t *testing.T) {
	r := Record{Calls: []timeline.Call{
		{Picked: 0.9, Done: 1.1, Replica: "greeter-2"},
		{Picked: 0.9, Done: 1.1, Replica: "greeter-1"},
		{Picked: 0.8, Done: 0.9, Replica: "greeter-2"},
		{Picked: 1.01, Done: 1.1, Replica: "greeter-2"},
		{Picked: 0, Done: 1.1, Replica: "greeter-2"},
	}}
	if n := r.inFlight([]string{"greeter-2"}, 1); n != 1 {
		t.Errorf("in flight: %d, want 1", n)
	}
}

// A step speaks of the time until the next step, and one with a fault until the heal.
func TestWindowsOfSteps(t *testing.T) {
	seen := observations(goodKill().record())
	for step, want := range map[string]float64{"kill": 2.01, "look": 1, "verify": 0.6, "run": 5.7} {
		got, _ := seen[step].GetAttr("length").AsBigFloat().Float64()
		if got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s is %v s long, want %v", step, got, want)
		}
	}
}
