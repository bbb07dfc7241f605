package view

import (
	"fmt"
	"strings"
	"testing"

	"devstack/timeline"
)

// stalled is a machine that stands still several times, and then a replica that exits.
func stalled() []timeline.Event {
	stall := func(at, ms float64) timeline.Event {
		return timeline.Event{T: at, Type: timeline.MachineStalled, Sev: timeline.Warn, Msg: fmt.Sprintf("this machine did not run devstack for %.0f ms", ms), D: timeline.Stall{MS: ms}}
	}
	return []timeline.Event{
		{T: 0.5, Type: timeline.StackReady, Msg: "ready"}, stall(1, 26), stall(2, 91), stall(3, 40),
		{T: 4, Type: timeline.ReplicaExited, Msg: "greeter-2 exited", On: []string{"replica/greeter-2"}}, stall(5, 30), {T: 6, Type: timeline.RunEnded, Msg: "over"},
	}
}

func TestARowOfStallsIsOneEvent(t *testing.T) {
	var got []string
	for _, e := range FoldStalls(stalled()) {
		got = append(got, fmt.Sprintf("%g %s", e.T, e.Msg))
	}
	want := "0.5 ready|3 this machine stood still 3 times, 91 ms at the longest|4 greeter-2 exited|5 this machine did not run devstack for 30 ms|6 over"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
}

// The plain log holds a row back until something else is told, or the run ends.
func TestPlainTellsARowOfStallsOnce(t *testing.T) {
	var b strings.Builder
	p := NewPlain(&b, false, 0)
	for _, e := range stalled() {
		p.Add(e)
	}
	want := "[  3.000s] machine   this machine stood still 3 times, 91 ms at the longest\n" +
		"[  4.000s] replica   greeter-2 exited\n[  5.000s] machine   this machine did not run devstack for 30 ms\n"
	if b.String() != want {
		t.Errorf("\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTheReportTellsARowOfStallsOnce(t *testing.T) {
	rows, total := moments(stalled())
	if total != 3 || rows[0].Msg != "this machine stood still 3 times, 91 ms at the longest" {
		t.Errorf("%d events: %v", total, rows)
	}
}

// A gate that was passed is told by the step that follows.
func TestAGateHasNoLine(t *testing.T) {
	var b strings.Builder
	NewPlain(&b, false, 0).Add(timeline.Event{Type: timeline.ScenarioGatePassed, Msg: "on to step kill"})
	if b.Len() > 0 {
		t.Errorf("told %q", b.String())
	}
}

// A hundred replicas have one line of traffic that a person can read.
func TestTheTrafficOfAHundred(t *testing.T) {
	var b strings.Builder
	tick := timeline.Tick{Seconds: 1, Replicas: map[string]timeline.TickShare{}}
	for i := range 100 {
		tick.Replicas[fmt.Sprint("greeter-", i+1)] = timeline.TickShare{OK: 1}
	}
	NewPlain(&b, false, 1).Add(timeline.Event{T: 1, Type: timeline.TrafficTick, Src: timeline.FirstClient, D: tick})
	if got := b.String(); len(got) > 250 || !strings.Contains(got, "greeter-5 1.0 % and 95 more  failed 0") {
		t.Errorf("%d characters: %s", len(got), got)
	}
}
