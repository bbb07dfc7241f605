package view

import (
	"testing"

	"devstack/timeline"
)

// A fault whose heal did not work is still there, and says why.
func TestAFaultThatCouldNotBeHealedStaysOpen(t *testing.T) {
	var s State
	fault := timeline.Fault{ID: 1, Kind: "consul-revoke", Targets: []string{"consul-1"}}
	s.Add(timeline.Event{Seq: 1, T: 1, Type: timeline.FaultInjected, D: fault})
	fault.Error = "the agent is down"
	s.Add(timeline.Event{Seq: 2, T: 2, Type: timeline.FaultHealFailed, D: fault})
	if len(s.Faults) != 1 || s.Faults[0].Error != "the agent is down" || s.Faults[0].Since != 1 {
		t.Errorf("open: %+v", s.Faults)
	}
	s.Add(timeline.Event{Seq: 3, T: 3, Type: timeline.FaultHealed, D: fault})
	if len(s.Faults) != 0 {
		t.Errorf("open after the heal: %+v", s.Faults)
	}
}
