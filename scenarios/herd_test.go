package scenarios

import (
	"testing"

	"devstack/timeline"
)

// A step's herd is its own last change, and how many queries were turned away meanwhile.
func TestTheHerdOfAStep(t *testing.T) {
	var story tale
	story.at(0.5, timeline.StackReady, timeline.Ready{})
	story.step(1, "kill", "inject")
	story.at(1.1, timeline.HerdUpdated, timeline.Herd{Reached: 9, First: 0.4, Last: 0.5, Conns: 9}) // of before
	story.at(2, timeline.FaultInjected, timeline.Fault{ID: 1, Targets: []string{"greeter-2"}, Step: "kill"})
	story.at(2.5, timeline.HerdRefused, timeline.HerdRefusal{Refused: 7, Conns: 210})
	story.at(3.1, timeline.HerdUpdated, timeline.Herd{Reached: 200, Missed: 50, First: 2.1, Last: 2.25, Conns: 200})
	story.at(3.5, timeline.HerdRefused, timeline.HerdRefusal{Refused: 5, Conns: 200})
	story.at(3.6, timeline.HerdUpdated, timeline.Herd{Reached: 9, First: 1.9, Last: 2.6, Conns: 300}) // began before it
	story.step(4, "look", "observe")
	story.at(4, timeline.FaultHealed, timeline.Fault{ID: 1})
	story.at(4.5, timeline.HerdRefused, timeline.HerdRefusal{Refused: 3, Conns: 201})
	story.step(6, "end", "end")
	seen := observations(story.record())
	for field, want := range map[string]float64{"reached": 200, "missed": 50, "first": 0.1, "last": 0.25, "spread": 0.15, "conns": 210, "refused": 12} {
		if got, _ := seen["kill"].GetAttr("herd").GetAttr(field).AsBigFloat().Float64(); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("kill.herd.%s is %v, want %v", field, got, want)
		}
	}
	if herd := seen["look"].GetAttr("herd"); !herd.GetAttr("reached").IsNull() || !herd.GetAttr("last").IsNull() {
		t.Errorf("a step without a change has a herd: %#v", herd)
	}
	if got, _ := seen["run"].GetAttr("herd").GetAttr("refused").AsBigFloat().Float64(); got != 15 {
		t.Errorf("run.herd.refused is %v, want 15", got)
	}
}
