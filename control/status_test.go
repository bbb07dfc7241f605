package control

import (
	"testing"

	"devstack/timeline"
)

func good() Status {
	r := Replica{Name: "greeter-1", Process: "running", Catalog: "passing", Subchannel: "READY", Picked: true}
	two := r
	two.Name = "greeter-2"
	return Status{State: Running, Channel: "READY", Replicas: []Replica{r, two}, Traffic: Traffic{Offered: 30, Rate: 30, OKLast: 30, Even: true}}
}

func TestConditions(t *testing.T) {
	for _, x := range []struct {
		name      string
		spoil     func(*Status)
		condition string
		want      string
	}{
		{"starting", func(s *Status) { s.State = Starting }, Ready, "the stack is starting"},
		{"good", func(*Status) {}, Ready, ""},
		{"good", func(*Status) {}, Steady, ""},
		{"good", func(*Status) {}, Healed, ""},
		{"failures", func(s *Status) { s.Traffic.FailedLast = 2 }, Steady, "2 calls failed in the last second"},
		{"silence", func(s *Status) { s.Traffic.OKLast = 0 }, Steady, "no call ended well in the last second"},
		{"no load", func(s *Status) { s.Traffic.Offered = 0 }, Steady, "no call is due, so nothing is measured"},
		{"uneven", func(s *Status) { s.Traffic.Even = false }, Steady, "calls do not go evenly to the replicas that are picked"},
		{"a fault", func(s *Status) {
			s.Faults = []OpenFault{{Fault: timeline.Fault{Kind: "slow", Targets: []string{"greeter-1"}}}}
		}, Healed, "slow greeter-1 is injected"},
		{"dead", func(s *Status) { s.Replicas[1].Process = "exited" }, Healed, "greeter-2 is exited"},
		{"critical", func(s *Status) { s.Replicas[1].Catalog = "critical" }, Healed, "greeter-2 is critical in the catalog"},
		{"not picked", func(s *Status) { s.Replicas[1].Picked = false }, Healed, "greeter-2 is not picked"},
		{"pick_first", func(s *Status) { s.Replicas[1].Picked, s.Replicas[1].Subchannel = false, "" }, Healed, ""},
	} {
		t.Run(x.name+" "+x.condition, func(t *testing.T) {
			s := good()
			x.spoil(&s)
			if got := s.Missing(x.condition); got != x.want {
				t.Errorf("%q, want %q", got, x.want)
			}
		})
	}
}

// A replica of another datacenter that the client does not use keeps nobody waiting.
func TestHealedWithAnotherDatacenter(t *testing.T) {
	s := Status{State: Running, Replicas: []Replica{
		{Name: "greeter-1", Process: "running", Catalog: "passing", Picked: true},
		{Name: "greeter-2", Process: "running", Catalog: "dc2", DC: "dc2"},
	}}
	if missing := s.Missing(Healed); missing != "" {
		t.Errorf("a healed stack of two datacenters lacks: %s", missing)
	}
	s.Replicas[1].Process = "exited"
	if s.Missing(Healed) == "" {
		t.Error("a dead replica of another datacenter is healed")
	}
}
