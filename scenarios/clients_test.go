package scenarios

import (
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"devstack/timeline"
)

// partition is a record of two clients: from second 2 on the first one cannot reach
// greeter-2, the other one can.
func partition() Record {
	var t tale
	by := func(n int, sec float64, typ timeline.Type, d any) {
		t.events = append(t.events, timeline.Event{T: sec, Type: typ, Src: timeline.Client(n), D: d})
	}
	by(1, 0.2, timeline.PickerUpdated, timeline.Picker{State: "READY", Ready: trio})
	by(2, 0.3, timeline.PickerUpdated, timeline.Picker{State: "READY", Ready: trio})
	t.step(1.9, "kill", "inject")
	t.at(2, timeline.FaultInjected, timeline.Fault{ID: 1, Targets: []string{"greeter-2"}, Step: "kill"})
	by(1, 2.5, timeline.SubchannelChanged, timeline.Subchannel{Replica: "greeter-2", From: "READY", To: "IDLE"})
	by(1, 2.5, timeline.PickerUpdated, timeline.Picker{State: "READY", Ready: pair, Removed: []string{"greeter-2"}})
	t.rotate(2, 2.5, trio...)
	for i := range t.calls {
		if t.calls[i].Replica == "greeter-2" {
			t.calls[i].OK, t.calls[i].Code = false, "DEADLINE_EXCEEDED"
		}
	}
	t.rotate(2.5, 4, pair...)
	own := len(t.calls)
	t.rotate(2, 4, trio...)
	for i := range t.calls[own:] {
		t.calls[own+i].Client = timeline.Client(2)
	}
	t.step(4, "end", "end")
	return t.record()
}

// A step is what the first client saw; its field of has each client's.
func TestMeasuresAreOfOneClient(t *testing.T) {
	seen := observations(partition())["kill"]
	of := func(client, field string) cty.Value { return seen.GetAttr("of").GetAttr(client).GetAttr(field) }
	for _, field := range []string{"failed", "total", "t2", "left", "ready", "spread"} {
		if got, want := seen.GetAttr(field), of("client-1", field); !got.RawEquals(want) {
			t.Errorf("%s is %#v, of client-1 it is %#v", field, got, want)
		}
	}
	for field, want := range map[string][2]float64{"failed": {33, 0}, "ready": {2, 3}, "used": {3, 3}, "total": {400, 400}} {
		for i, client := range []string{"client-1", "client-2"} {
			if got, _ := of(client, field).AsBigFloat().Float64(); got != want[i] {
				t.Errorf("%s of %s: %v, want %v", field, client, got, want[i])
			}
		}
	}
	if of("client-1", "t2").IsNull() || !of("client-2", "t2").IsNull() {
		t.Errorf("t2: %#v and %#v; only the first client lost a connection", of("client-1", "t2"), of("client-2", "t2"))
	}
}

func TestAFormulaNamesAClient(t *testing.T) {
	r := partition()
	for expect, want := range map[string]timeline.Verdict{
		`max = 0
		 of = kill.of["client-2"].failed`: timeline.Pass,
		`max = 0
		 of = kill.of["client-1"].failed`: timeline.Fail,
		`max = 0
		 of = kill.of["client-3"].failed`: timeline.Inconclusive,
		`always = kill.of["client-2"].share["greeter-2"] > 0.3`: timeline.Pass,
	} {
		if e := judged(t, expect, r, 0); e.Verdict != want {
			t.Errorf("%s: %s, want %s (%s)", expect, e.Verdict, want, e.Why)
		}
	}
	e := judged(t, `max = kill.of["client-2"].total`+"\n"+`of = kill.total`, r, 0)
	if len(e.Terms) != 1 || e.Terms[0].Name != `kill.of["client-2"].total` {
		t.Errorf("the terms are %v", e.Terms)
	}
}

// One client is all that an old record tells of: its calls name none.
func TestARecordOfOneClient(t *testing.T) {
	r := goodKill().record()
	if got := r.clients(); !slices.Equal(got, []string{timeline.FirstClient}) {
		t.Errorf("the clients are %v", got)
	}
	if own := r.of(timeline.FirstClient); len(own.Calls) != len(r.Calls) || len(own.Events) != len(r.Events) {
		t.Errorf("%d calls and %d events are the first client's, of %d and %d", len(own.Calls), len(own.Events), len(r.Calls), len(r.Events))
	}
}

// The marks of a fault, as another client saw them, are that client's.
func TestAnotherClientsWaterfall(t *testing.T) {
	r := partition()
	swap := map[string]string{timeline.Client(1): timeline.Client(2), timeline.Client(2): timeline.Client(1)}
	for i, e := range r.Events {
		if e.Client() != "" {
			r.Events[i].Src = swap[e.Src]
		}
	}
	of := observations(r)["kill"].GetAttr("of")
	if t1, t2 := of.GetAttr("client-1").GetAttr("t2"), of.GetAttr("client-2").GetAttr("t2"); !t1.IsNull() || t2.IsNull() {
		t.Errorf("t2: %#v and %#v; only the second client lost a connection", t1, t2)
	}
}
