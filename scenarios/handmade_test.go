package scenarios

import (
	"maps"
	"slices"
	"testing"

	"devstack/stack"
	"devstack/timeline"
)

// tale is a record written by hand: what happened, at which second of the run.
type tale struct {
	events []timeline.Event
	calls  []timeline.Call
}

func (t *tale) at(sec float64, typ timeline.Type, d any) {
	t.events = append(t.events, timeline.Event{T: sec, Type: typ, D: d})
}

func (t *tale) step(sec float64, name, phase string) {
	t.at(sec, timeline.ScenarioStep, timeline.Step{Name: name, Phase: phase})
}

func (t *tale) picker(sec float64, ready []string, removed ...string) {
	t.at(sec, timeline.PickerUpdated, timeline.Picker{State: "READY", Ready: ready, Removed: removed})
}

// rotate adds one good call every 5 ms in [from, to), to each of names in turn.
func (t *tale) rotate(from, to float64, names ...string) {
	for i := 0; ; i++ {
		sent := from + float64(i)*0.005
		if sent+0.002 >= to {
			return
		}
		t.calls = append(t.calls, timeline.Call{Due: sent, Sent: sent, Picked: sent + 0.0001, Done: sent + 0.001, OK: true, Code: "OK", Replica: names[i%len(names)], Attempts: 1})
	}
}

// record is t in the order of time, with each failed call as an event too.
func (t *tale) record() Record {
	r := Record{Events: slices.Clone(t.events), Calls: slices.Clone(t.calls)}
	for _, c := range r.Calls {
		if !c.OK {
			r.Events = append(r.Events, timeline.Event{T: c.Done, Type: timeline.RPCFailed, D: timeline.RPC{Done: c.Done, Code: c.Code, Replica: c.Replica}})
		}
	}
	slices.SortStableFunc(r.Events, func(a, b timeline.Event) int {
		switch {
		case a.T < b.T:
			return -1
		case a.T > b.T:
			return 1
		}
		return 0
	})
	for i := range r.Events {
		r.Events[i].Seq = uint64(i + 1)
	}
	return r
}

var trio, pair = []string{"greeter-1", "greeter-2", "greeter-3"}, []string{"greeter-1", "greeter-3"}

// killTold is kill-node going well, step by step; a test changes the part it is about.
type killTold struct {
	inFlight, failed  int
	left, lastPick    float64 // seconds after the kill
	listed            float64
	statusAfter       string
	survivors, verify []string // who is picked in turn
	readyAtEnd        []string
	back              float64 // seconds after the order to restart
}

func goodKill() killTold {
	return killTold{inFlight: 1, failed: 1, left: 0.004, lastPick: 0.002, listed: 0.8, statusAfter: "critical", survivors: pair, verify: trio, readyAtEnd: trio, back: 0.3}
}

func (k killTold) record() Record {
	const kill, heal, end = 2.0, 4.0, 6.0
	var t tale
	t.at(0.3, timeline.StackReady, timeline.Ready{})
	t.picker(0.3, trio)
	t.at(0.3, timeline.ResolverUpdated, timeline.Resolved{Endpoints: trio, Added: trio})
	t.at(0.3, timeline.ConsulServiceChange, timeline.CatalogChange{Status: statuses(trio, "passing"), Changed: trio})
	t.step(0.4, "steady", "steady")
	t.rotate(0.5, kill, trio...)
	t.step(kill-0.001, "kill", "inject")
	t.at(kill, timeline.FaultInjected, timeline.Fault{ID: 1, Kind: "kill", Targets: []string{"greeter-2"}, Step: "kill"})
	for range k.inFlight {
		t.calls = append(t.calls, timeline.Call{Due: kill - 0.001, Sent: kill - 0.001, Picked: kill - 0.0005, Done: kill + 0.003, OK: true, Code: "OK", Replica: "greeter-2"})
	}
	for i := range k.failed {
		t.calls = append(t.calls, timeline.Call{Due: kill, Sent: kill, Picked: kill + 0.0005, Done: kill + 0.002 + float64(i)*1e-4, Code: "UNAVAILABLE", Replica: "greeter-2"})
	}
	gone := kill + k.left
	t.at(gone, timeline.SubchannelChanged, timeline.Subchannel{Replica: "greeter-2", From: "READY", To: "IDLE"})
	t.picker(gone, pair, "greeter-2")
	t.rotate(gone+0.001, heal, k.survivors...)
	after := statuses(trio, "passing")
	after["greeter-2"] = k.statusAfter
	if k.statusAfter == "" {
		delete(after, "greeter-2")
	}
	t.at(kill+0.7, timeline.ConsulCheckChanged, timeline.CheckChange{Replica: "greeter-2", From: "passing", To: "critical"})
	t.at(kill+0.71, timeline.ConsulServiceChange, timeline.CatalogChange{Status: after, Changed: []string{"greeter-2"}})
	t.at(kill+k.listed, timeline.ResolverUpdated, timeline.Resolved{Endpoints: pair, Removed: []string{"greeter-2"}})
	t.at(gone+0.05, timeline.TrafficBalanced, timeline.Balanced{Ready: pair, Since: gone + 0.001})
	t.at(gone+0.06, timeline.TrafficSettled, timeline.Balanced{Ready: pair, Since: gone + 0.001, LastPick: map[string]float64{"greeter-2": kill + k.lastPick}})
	t.step(3, "look", "observe")
	t.step(heal, "restart", "heal")
	t.at(heal+0.01, timeline.FaultHealed, timeline.Fault{ID: 1, Kind: "kill", Targets: []string{"greeter-2"}})
	t.at(heal+k.back, timeline.PickerUpdated, timeline.Picker{State: "READY", Ready: k.readyAtEnd, Added: missing(pair, k.readyAtEnd)})
	t.at(heal+0.05, timeline.ConsulServiceChange, timeline.CatalogChange{Status: statuses(trio, "passing"), Changed: []string{"greeter-2"}})
	t.step(heal+1.4, "verify", "verify")
	t.rotate(heal+1.4, end, k.verify...)
	t.step(end, "end", "end")
	return t.record()
}

// missing is those of now that were not there before.
func missing(before, now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(n string) bool { return slices.Contains(before, n) })
}

func statuses(names []string, status string) map[string]string {
	m := map[string]string{}
	for _, n := range names {
		m[n] = status
	}
	return maps.Clone(m)
}

// verdicts judges r by the built-in scenario name on a quiet machine.
func verdicts(t *testing.T, name string, r Record) map[string]timeline.Expectation {
	t.Helper()
	s, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := configure(s.settings)
	if err != nil {
		t.Fatal(err)
	}
	return byName(s.Judge(r, terms(cfg.Resolved()), 0))
}

// judged is one expectation, written as its author would, over r.
func judged(t *testing.T, expect string, r Record, noise float64) timeline.Expectation {
	t.Helper()
	src := `scenario "x" {
		title = "x"
		step "kill" {
			inject "kill" { target = one }
		}
		step "look" { wait = "1s" }
		step "restart" { heal = "kill" }
		expect "e" {` + "\n" + expect + "\n}\n}"
	list, err := Parse([]byte(src), "x.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return list[0].Judge(r, terms(stack.Config{}.Resolved()), noise)[0]
}

func byName(list []timeline.Expectation) map[string]timeline.Expectation {
	m := map[string]timeline.Expectation{}
	for _, e := range list {
		m[e.Name] = e
	}
	return m
}
