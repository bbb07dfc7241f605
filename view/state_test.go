package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"devstack/timeline"
)

var update = flag.Bool("update", false, "write the golden files")

// recorded is a run of devstack scenario kill-node, as it was recorded.
func recorded(t *testing.T) []timeline.Event { return recordedAs(t, "kill-node") }

// recordedAs is a run of that scenario, as it was recorded.
func recordedAs(t *testing.T, name string) []timeline.Event {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// ladderText is s for people who read golden files.
func ladderText(s *State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s  consul %s  resolver %d  channel %s  faults %d  ok %d failed %d even %v\n",
		s.Story.Step, s.Story.Phase, s.Consul.Process, s.Resolver.Listed, s.Channel, len(s.Faults), s.Traffic.OK, s.Traffic.Failed, s.Traffic.Even)
	for _, r := range s.Replicas {
		mark := " "
		if r.Disagree() {
			mark = "≠"
		}
		fmt.Fprintf(&b, "%s %-10s %-9s check %-9s catalog %-9s listed %-5v %-10s picked %v\n", mark, r.Name, r.Process, r.Check, r.Catalog, r.Listed, r.Subchannel, r.Picked)
	}
	return b.String()
}

// The picture at the turning points of a recorded run.
func TestFoldOfARecordedRun(t *testing.T) {
	s := &State{}
	var got strings.Builder
	for _, e := range recorded(t) {
		s.Add(e)
		switch e.Type {
		case timeline.ScenarioStep, timeline.FaultInjected, timeline.SubchannelChanged, timeline.ConsulServiceChange, timeline.FaultHealed, timeline.ScenarioEnded:
			fmt.Fprintf(&got, "── after %s %s\n%s", e.Type, e.Msg, ladderText(s))
		}
	}
	golden := filepath.Join("testdata", "kill-node.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the picture changed (go test ./view -update, then read the difference):\n%s", got.String())
	}
}

// A State that grew event by event and one folded in one go are the same picture, and so
// is one from events that went through the file.
func TestLiveAndReplayAgree(t *testing.T) {
	events := recorded(t)
	live := &State{}
	for i, e := range events {
		live.Add(e)
		if i%17 == 0 || i == len(events)-1 {
			if a, b := ladderText(live), ladderText(Fold(events[:i+1])); a != b {
				t.Fatalf("after event %d:\n%s\n%s", e.Seq, a, b)
			}
		}
	}
	if a, b := live.Waterfalls(), timeline.Waterfalls(events); len(a) != 1 || fmt.Sprint(a[0].Injected, len(a[0].Marks)) != fmt.Sprint(b[0].Injected, len(b[0].Marks)) {
		t.Errorf("waterfalls %v, want %v", a, b)
	}
}

func TestTheTapeHasOneCellPerCall(t *testing.T) {
	calls, failed := 0, 0
	s := &State{}
	for _, e := range recorded(t) {
		if tick, ok := timeline.Payload[timeline.Tick](e); ok && e.Type == timeline.TrafficTick {
			calls += len(tick.Picks)
		}
		if e.Type == timeline.RPCFailed {
			failed++
		}
		s.Add(e)
	}
	if s.Traffic.OK+s.Traffic.Failed != calls || s.Traffic.Failed != failed {
		t.Errorf("ok %d, failed %d; the record has %d calls, %d failed", s.Traffic.OK, s.Traffic.Failed, calls, failed)
	}
	if n := len(s.Traffic.Tape); n < tapeCells || n > 2*tapeCells {
		t.Errorf("%d cells on the tape", n)
	}
}

func TestAClonedStateStaysAsItWas(t *testing.T) {
	events := recorded(t)
	s := Fold(events[:len(events)/2])
	c := s.Clone()
	was := ladderText(c)
	for _, e := range events[len(events)/2:] {
		s.Add(e)
	}
	if ladderText(c) != was {
		t.Error("later events changed a clone")
	}
}

func TestReplicasStandInTheOrderOfTheirNumbers(t *testing.T) {
	s := &State{}
	for _, n := range []string{"greeter-10", "127.0.0.1:5", "greeter-2", "greeter-1"} {
		s.replica(n)
	}
	var names []string
	for _, r := range s.Replicas {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, " "); got != "greeter-1 greeter-2 greeter-10 127.0.0.1:5" {
		t.Error(got)
	}
}

func BenchmarkFold(b *testing.B) {
	s := &State{}
	e := timeline.Event{Type: timeline.TrafficTick, D: timeline.Tick{Picks: strings.Repeat("123", 17), Replicas: map[string]timeline.TickShare{"greeter-1": {OK: 17}, "greeter-2": {OK: 17}, "greeter-3": {OK: 17}}}}
	for b.Loop() {
		e.T += 0.25
		s.Add(e)
	}
}

// The client knows nothing of a replica of another datacenter, and that is no disagreement
// until the resolver offers it.
func TestAReplicaOfAnotherDatacenterIsNobodysBusiness(t *testing.T) {
	r := Replica{Name: "greeter-4", DC: "dc2", Process: "running", Check: "passing", Catalog: "absent"}
	if r.Disagree() || !r.Away() || r.Entry() != "dc2" {
		t.Errorf("at home elsewhere: disagree %v, away %v, entry %q", r.Disagree(), r.Away(), r.Entry())
	}
	r.Listed, r.Picked = true, true
	if r.Disagree() || r.Away() {
		t.Error("a failover to another datacenter counts as a disagreement")
	}
	r.Process = "exited"
	if !r.Disagree() {
		t.Error("the list offers a dead replica of another datacenter, and that is no disagreement")
	}
	if r.DC = ""; !r.Disagree() {
		t.Error("a replica at home may be missing in the catalog")
	}
}
