package timeline

import (
	"math"
	"testing"
)

// story builds events with given times, as a record would have them.
func story(events ...Event) []Event {
	for i := range events {
		events[i].Seq = uint64(i) + 1
	}
	return events
}

func killed(t float64) Event {
	return Event{T: t, Type: FaultInjected, D: Fault{ID: 1, Kind: "kill", Targets: []string{"b"}}}
}

func TestWaterfallOfAKill(t *testing.T) {
	w := Waterfalls(story(
		Event{T: 9, Type: SubchannelChanged, D: Subchannel{Replica: "b", From: "READY", To: "IDLE"}}, // before the fault
		killed(10),
		Event{T: 10.003, Type: SubchannelChanged, D: Subchannel{Replica: "b", From: "READY", To: "IDLE"}},
		Event{T: 10.0035, Type: SubchannelChanged, D: Subchannel{Replica: "a", From: "READY", To: "IDLE"}}, // somebody else
		Event{T: 10.004, Type: RPCFailed, D: RPC{Done: 10.0039, Code: "UNAVAILABLE", Replica: "b"}},
		Event{T: 10.05, Type: TrafficBalanced, D: Balanced{Ready: []string{"a", "b"}, Since: 10.001}}, // the victim is still in
		Event{T: 10.06, Type: TrafficBalanced, D: Balanced{Ready: []string{"a", "c"}, Since: 10.005}},
		Event{T: 10.7, Type: ConsulServiceChange, D: CatalogChange{Changed: []string{"b"}, Status: map[string]string{"b": "critical"}}},
		Event{T: 10.72, Type: ResolverUpdated, D: Resolved{Removed: []string{"b"}}},
		Event{T: 11.1, Type: TrafficSettled, D: Balanced{Ready: []string{"a", "c"}, Since: 10.005, LastPick: map[string]float64{"b": 10.001}}},
		Event{T: 12, Type: FaultHealed, D: Fault{ID: 1}},
	))
	if len(w) != 1 {
		t.Fatalf("%d waterfalls, want 1", len(w))
	}
	want := map[string]float64{"t1": 3.9, "t2": 3, "t3": 700, "t4": 700, "t5": 720, "t6": 1, "t7": 60}
	for id, ms := range want {
		got, ok := w[0].Mark(id)
		if !ok || math.Abs(got-ms) > 1e-6 {
			t.Errorf("%s = %v (%v), want %v ms", id, got, ok, ms)
		}
	}
	if w[0].Healed != 12 {
		t.Errorf("healed at %v, want 12", w[0].Healed)
	}
}

func TestMarksWaitForEveryTargetAndEndWithTheHeal(t *testing.T) {
	two := Event{T: 1, Type: FaultInjected, D: Fault{ID: 1, Kind: "kill", Targets: []string{"a", "b"}}}
	w := Waterfalls(story(two,
		Event{T: 2, Type: SubchannelChanged, D: Subchannel{Replica: "a", From: "READY", To: "IDLE"}},
		Event{T: 3, Type: FaultHealed, D: Fault{ID: 1}},
		Event{T: 4, Type: SubchannelChanged, D: Subchannel{Replica: "b", From: "READY", To: "IDLE"}},
	))
	if ms, ok := w[0].Mark("t2"); ok {
		t.Errorf("t2 = %v ms although only one of two targets was noticed before the heal", ms)
	}
	w = Waterfalls(story(two,
		Event{T: 2, Type: SubchannelChanged, D: Subchannel{Replica: "a", From: "READY", To: "IDLE"}},
		Event{T: 4, Type: SubchannelChanged, D: Subchannel{Replica: "b", From: "READY", To: "IDLE"}},
	))
	if ms, ok := w[0].Mark("t2"); !ok || ms != 3000 {
		t.Errorf("t2 = %v ms (%v), want the later of both, 3000", ms, ok)
	}
}

func TestNoNewsLeavesMarksOpen(t *testing.T) {
	w := Waterfalls(story(killed(10)))
	if len(w[0].Marks) != 7 {
		t.Fatalf("%d marks, want 7", len(w[0].Marks))
	}
	for _, m := range w[0].Marks {
		if m.MS != nil {
			t.Errorf("%s = %v ms out of nothing", m.ID, *m.MS)
		}
	}
}

// A fault of something that is never picked has no last pick.
func TestNoLastPickOfAnAgent(t *testing.T) {
	falls := Waterfalls([]Event{
		{T: 1, Type: FaultInjected, D: Fault{ID: 1, Kind: "consul-kill", Targets: []string{"consul-1"}}},
		{T: 2, Type: TrafficSettled, D: Balanced{Ready: []string{"a"}, Since: 1.5, LastPick: map[string]float64{"b": 0.5}}},
	})
	if ms, seen := falls[0].Mark("t6"); seen {
		t.Errorf("consul-1 was picked last after %v ms", ms)
	}
}

func TestAFaultInConsulHasMarksOfItsOwn(t *testing.T) {
	beheaded := Event{T: 1, Type: FaultInjected, On: []string{Agent("consul-1")}, D: Fault{ID: 1, Kind: "consul-kill", Targets: []string{"consul-1"}}}
	w := Waterfalls(story(
		Event{T: 0.5, Type: ConsulLeaderElected}, beheaded, killed(1.125),
		Event{T: 1.25, Type: ConsulLeaderLost},
		Event{T: 1.5, Type: ConsulAgentReported, D: AgentReport{Members: map[string]string{"consul-1": "alive", "consul-2": "failed"}}},
		Event{T: 2, Type: ConsulAgentReported, D: AgentReport{Members: map[string]string{"consul-1": "failed"}}},
		Event{T: 2.5, Type: ResolverError, Src: ResolverSrc, D: ResolverFailure{}},
		Event{T: 3, Type: ConsulLeaderElected}, Event{T: 4, Type: ConsulLeaderElected},
		Event{T: 5, Type: FaultHealed, D: Fault{ID: 1}},
		Event{T: 6, Type: RPCFailed, D: RPC{Done: 6}},
	))
	want := map[string]float64{"c1": 1000, "c3": 250, "c4": 2000, "c5": 1500}
	for _, m := range w[0].Told() {
		ms, ok := w[0].Mark(m.ID)
		if expected, seen := want[m.ID]; seen != ok || ms != expected {
			t.Errorf("%s, %s: %v ms (%v), want %v (%v)", m.ID, m.Name, ms, ok, expected, seen)
		}
	}
	if len(w[0].Told()) != 6 || len(w[0].Marks) != 7 {
		t.Errorf("%d marks of Consul and %d of replicas, want 6 and 7", len(w[0].Told()), len(w[0].Marks))
	}
	if w[1].Consul != nil || len(w[1].Told()) != 7 {
		t.Error("a dead replica has the marks of a dead Consul")
	}
}

// A fault that is over when it is done has its consequences afterwards.
func TestAFaultThatIsOverAtOnceIsFollowed(t *testing.T) {
	var f WaterfallFold
	fault := Fault{ID: 1, Kind: "link-reset", Targets: []string{"greeter-1"}, Once: true}
	f.Add(Event{T: 1, Type: FaultInjected, On: []string{Replica("greeter-1")}, D: fault})
	f.Add(Event{T: 1.001, Type: FaultHealed, On: []string{Replica("greeter-1")}, D: fault})
	lost := func(t float64) Event {
		return Event{T: t, Type: SubchannelChanged, D: Subchannel{Replica: "greeter-1", From: "READY", To: "IDLE"}}
	}
	f.Add(lost(1.5))
	if ms := f.Waterfalls()[0].Marks[1].MS; ms == nil || *ms != 500 {
		t.Errorf("subchannel left READY after %v ms, want 500", ms)
	}
	fault.ID = 2
	f.Add(Event{T: 2, Type: FaultInjected, D: fault})
	f.Add(Event{T: 2, Type: FaultHealed, D: fault})
	f.Add(lost(2 + afterOnce))
	if ms := f.Waterfalls()[1].Marks[1].MS; ms != nil {
		t.Errorf("what came %d s later was taken for its consequence", afterOnce)
	}
}
