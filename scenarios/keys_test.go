package scenarios

import (
	"testing"

	"github.com/zclconf/go-cty/cty"

	"devstack/timeline"
)

// keyed is a record in which greeter-2 of three dies at 20: the steady state is [0, 10), "look" [10, 20) and
// "dead" comes after.
func keyed() Record {
	step := func(at float64, name string) timeline.Event {
		return timeline.Event{T: at, Type: timeline.ScenarioStep, D: timeline.Step{Name: name}}
	}
	picker := func(at float64, ready ...string) timeline.Event {
		return timeline.Event{T: at, Type: timeline.PickerUpdated, D: timeline.Picker{State: "READY", Ready: ready}}
	}
	r := Record{Events: []timeline.Event{
		step(0, "steady"), picker(0.5, "greeter-1", "greeter-2", "greeter-3"), step(10, "look"), step(20, "dead"), picker(20.5, "greeter-1", "greeter-3"),
		{T: 30, Type: timeline.ScenarioStep, D: timeline.Step{Name: "end", Phase: "end"}},
	}}
	call := func(at float64, key, replica string) {
		r.Calls = append(r.Calls, timeline.Call{Due: at, Sent: at, Picked: at, Done: at + .1, OK: replica != "", Key: key, Replica: replica})
	}
	call(1, "a", "greeter-3") // not yet at home
	call(2, "a", "greeter-1")
	call(2, "b", "greeter-2")
	call(2, "c", "greeter-3")
	call(2, "d", "greeter-2")
	call(11, "a", "greeter-1")
	call(12, "b", "greeter-2")
	call(21, "a", "greeter-3") // without need
	call(21, "b", "")
	call(22, "b", "greeter-1") // its home is dead
	call(22, "c", "greeter-3")
	call(22, "d", "greeter-3") // so is its
	r.Calls = append(r.Calls, timeline.Call{Due: 23, Sent: 23, Picked: 23, Done: 23.1, Key: "c", Replica: "greeter-1"})
	call(22, "e", "greeter-3") // not seen before
	return r
}

func TestKeysThatMove(t *testing.T) {
	vars := observations(keyed())
	for name, want := range map[string]struct{ moved, needlessly, affinity float64 }{
		"steady": {0, 0, 0},
		"look":   {0, 0, 1},
		"dead":   {3. / 4, 1. / 4, 1. / 4},
	} {
		got := vars[name].AsValueMap()
		for field, n := range map[string]float64{"moved": want.moved, "moved_needlessly": want.needlessly, "affinity": want.affinity} {
			if v := got[field]; !v.RawEquals(cty.NumberFloatVal(n)) {
				t.Errorf("%s.%s is %s, want %v", name, field, v.GoString(), n)
			}
		}
	}
}

func TestCallsWithoutKeysSayNothingOfThem(t *testing.T) {
	r := keyed()
	for i := range r.Calls {
		r.Calls[i].Key = ""
	}
	got := observations(r)["dead"].AsValueMap()
	for _, field := range []string{"moved", "moved_needlessly", "affinity"} {
		if !got[field].IsNull() {
			t.Errorf("%s is %s", field, got[field].GoString())
		}
	}
}
