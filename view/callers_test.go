package view

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"devstack/timeline"
)

// What a second client sees changes nothing in the picture of the first.
func TestTheLadderIsTheFirstClients(t *testing.T) {
	events := recordedAs(t, "two-clients")
	both, alone := &State{}, &State{}
	for _, e := range events {
		both.Add(e)
		if !e.OfAnother() {
			alone.Add(e)
		}
		if got, want := ladderText(both), ladderText(alone); got != want {
			t.Fatalf("after %s:\n%s\nwithout the other client:\n%s", e, got, want)
		}
	}
	if got, want := both.Traffic, alone.Traffic; got.OK != want.OK || len(got.Tape) != len(want.Tape) || len(got.History) != len(want.History) {
		t.Errorf("the traffic is %d calls on %d cells in %d ticks, want %d, %d, %d", got.OK, len(got.Tape), len(got.History), want.OK, len(want.Tape), len(want.History))
	}
}

// callersText is the beliefs of the clients beside the first, a line each.
func callersText(s *State) string {
	var b strings.Builder
	for _, c := range s.Callers() {
		fmt.Fprintf(&b, "%s %s", c.Name, c.Channel)
		for _, x := range c.Believes {
			fmt.Fprintf(&b, " %s %s %v %.1f", x.Replica, x.Subchannel, x.Picked, x.Share)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// At 5 s of the record the first client has lost greeter-2, and the second has not.
func TestTwoClientsDisagree(t *testing.T) {
	s := &State{}
	for _, e := range recordedAs(t, "two-clients") {
		if e.T < 5 {
			s.Add(e)
		}
	}
	if s.Replicas[1].Picked || s.Replicas[1].Subchannel != "TRANSIENT_FAILURE" {
		t.Errorf("the first client believes %+v", s.Replicas[1])
	}
	const want = "client/2 READY greeter-1 READY true 0.3 greeter-2 READY true 0.3 greeter-3 READY true 0.3\n"
	if got := callersText(s); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for how, c := range map[string]*State{"clone": s.Clone(), "snapshot": s.Snapshot()} {
		s.Add(timeline.Event{T: 6, Type: timeline.PickerUpdated, Src: timeline.Client(2), D: timeline.Picker{State: "IDLE"}})
		if got := callersText(c); got != want {
			t.Errorf("a %s changed with its original to\n%s", how, got)
		}
	}
}

// A plain log has a line of traffic for each client, and no sum of theirs.
func TestPlainTrafficOfEachClient(t *testing.T) {
	var out bytes.Buffer
	p := NewPlain(&out, false, 1)
	for _, e := range recordedAs(t, "two-clients") {
		p.Add(e)
	}
	own, other := 0, 0
	for line := range strings.Lines(out.String()) {
		_, text, traffic := strings.Cut(line, "traffic   ")
		if !traffic || !strings.Contains(text, "RPC/s") {
			continue
		}
		text, second := strings.CutPrefix(text, "client/2: ")
		if second {
			other++
		} else {
			own++
		}
		var rate int
		if _, err := fmt.Sscanf(text, "%d RPC/s", &rate); err != nil || rate < 11 || rate > 13 {
			t.Errorf("each client makes 12 RPC/s, but: %s", line)
		}
	}
	if own < 5 || other != own {
		t.Errorf("%d lines of traffic of the first client and %d of the second:\n%s", own, other, &out)
	}
}

// A report draws who answered each client, and everything else of the first.
func TestAReportOfTwoClients(t *testing.T) {
	run, _, calls := madeUp(t, 1000, 200)
	events := recordedAs(t, "two-clients")
	run.Waterfalls = timeline.Waterfalls(events)
	for i := range calls {
		if i%2 == 1 {
			calls[i].Client = timeline.Client(2)
		}
	}
	var titles []string
	for _, f := range figures(run, events, calls) {
		titles = append(titles, f.Title)
	}
	want := []string{"Who knew when", "Share of each replica, client/1", "Share of each replica, client/2", "Every RPC, client/1", "Picks, one by one, client/1"}
	if !slices.Equal(titles, want) {
		t.Errorf("the figures are %q, want %q", titles, want)
	}
	lanes := newLanes([]string{"greeter-2"}, events, 3, 5)
	var layers []string
	for _, l := range lanes {
		layers = append(layers, l.layer+" "+l.spans[len(l.spans)-1].word)
	}
	if want := []string{"process running", "consul passing", "resolver listed", "subchannel TRANSIENT_FAILURE", "client/2 READY"}; !slices.Equal(layers, want) {
		t.Errorf("at 5 s the lanes end with %q, want %q", layers, want)
	}
}
