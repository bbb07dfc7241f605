package timeline

import "testing"

func TestWhoseAnEventIs(t *testing.T) {
	for src, want := range map[string]string{
		ResolverSrc: FirstClient, "client/1": FirstClient, "client/2": "client/2",
		"supervisor": "", "consul/consul-1": "", "scenario": "", "": "",
	} {
		e := Event{Src: src}
		if got := e.Client(); got != want || e.OfAnother() != (want == Client(2)) {
			t.Errorf("an event that %q saw is of %q, of another: %v; want %q", src, got, e.OfAnother(), want)
		}
		if want != "" && e.AsFirst().OfAnother() {
			t.Errorf("an event that %q saw is of another client, as of the first", src)
		}
	}
}

// A waterfall is about the first client, unless it is asked to take another for the first.
func TestAWaterfallIsOfOneClient(t *testing.T) {
	var own, other WaterfallFold
	for _, e := range []Event{
		{T: 1, Type: FaultInjected, D: Fault{ID: 1, Targets: []string{"greeter-2"}}},
		{T: 2, Type: RPCFailed, Src: Client(2), D: RPC{Done: 2}},
		{T: 2, Type: SubchannelChanged, Src: Client(2), D: Subchannel{Replica: "greeter-2", From: "READY", To: "IDLE"}},
		{T: 2, Type: ResolverUpdated, Src: Client(2), D: Resolved{Removed: []string{"greeter-2"}}},
	} {
		own.Add(e)
		other.Add(e.AsFirst())
	}
	for _, m := range own.Waterfalls()[0].Marks {
		if m.MS != nil {
			t.Errorf("%s is %v ms by the eyes of another client", m.ID, *m.MS)
		}
	}
	for _, id := range []string{"t1", "t2", "t5"} {
		if ms, ok := other.Waterfalls()[0].Mark(id); !ok || ms != 1000 {
			t.Errorf("%s of the other client alone: %v ms, seen %v", id, ms, ok)
		}
	}
}
