package stack

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTraffic() *traffic {
	return &traffic{voice: voice{timeline.NewLog(time.Now()), timeline.FirstClient}, names: &names{}, deadline: time.Second, lastPick: map[string]float64{}}
}

// call was picked at sec by greeter-n and done a millisecond later.
func call(n int, sec float64, code codes.Code) load.Result {
	at := time.Duration(sec * float64(time.Second))
	return load.Result{Due: at, Sent: at, Picked: at, Done: at + time.Millisecond, Code: code, Backend: fmt.Sprintf("greeter-%d", n)}
}

func (t *traffic) told(typ timeline.Type) []timeline.Balanced {
	var out []timeline.Balanced
	for _, e := range t.voice.log.Events() {
		if b, ok := timeline.Payload[timeline.Balanced](e); ok && e.Type == typ {
			out = append(out, b)
		}
	}
	return out
}

func TestEvenOnceAPicker(t *testing.T) {
	tr := newTraffic()
	tr.reset(1, []string{"greeter-1", "greeter-2"})
	for i := range 2*evenRotations - 1 {
		tr.add(call(1+i%2, 1+float64(i)/100, codes.OK))
	}
	if got := tr.told(timeline.TrafficBalanced); got != nil {
		t.Fatalf("even before everybody had its turns: %+v", got)
	}
	tr.add(call(2, 1.2, codes.OK))
	tr.add(call(1, 1.3, codes.OK))
	got := tr.told(timeline.TrafficBalanced)
	if len(got) != 1 || got[0].Since != 1 || got[0].Spread != 0 {
		t.Fatalf("%+v, want one window since 1", got)
	}
}

func TestNotEvenWhileOneIsPreferred(t *testing.T) {
	tr := newTraffic()
	tr.reset(1, []string{"greeter-1", "greeter-2"})
	for i := range 100 {
		n := 1
		if i%3 == 0 {
			n = 2
		}
		tr.add(call(n, 1+float64(i)/100, codes.OK))
	}
	if got := tr.told(timeline.TrafficBalanced); got != nil {
		t.Errorf("%+v", got)
	}
}

// Calls that the picker before had picked count for neither window.
func TestPicksOfThePickerBeforeDoNotCount(t *testing.T) {
	tr := newTraffic()
	tr.reset(1, []string{"greeter-1", "greeter-2"})
	for i := range 2 * evenRotations {
		tr.add(call(1+i%2, 0.9, codes.OK))
	}
	if got := tr.told(timeline.TrafficBalanced); got != nil {
		t.Errorf("%+v", got)
	}
}

// The last pick of a replica that left is known only when no call from before the change
// can be in flight any more, and a call that ends late still counts.
func TestLastPickWaitsForCallsInFlight(t *testing.T) {
	tr := newTraffic()
	tr.reset(0, []string{"greeter-1", "greeter-2", "greeter-3"})
	tr.add(call(2, 1.5, codes.OK))
	tr.reset(2, []string{"greeter-1", "greeter-3"})
	for i := range 2 * evenRotations {
		tr.add(call(1+2*(i%2), 2+float64(i)/100, codes.OK))
	}
	tr.tell(2.9, 100, 1)
	if got := tr.told(timeline.TrafficSettled); got != nil {
		t.Fatalf("settled while a call may be in flight: %+v", got)
	}
	tr.add(call(2, 1.9, codes.DeadlineExceeded))
	tr.tell(3.1, 100, 0)
	got := tr.told(timeline.TrafficSettled)
	if len(got) != 1 || !maps.Equal(got[0].LastPick, map[string]float64{"greeter-2": 1.9}) {
		t.Fatalf("%+v, want greeter-2 picked last at 1.9", got)
	}
}

func TestATickTellsEveryCallOnce(t *testing.T) {
	tr := newTraffic()
	tr.add(call(1, 1, codes.OK))
	tr.add(call(2, 1, codes.Unavailable))
	tr.add(load.Result{Done: time.Second, Code: codes.Unavailable, Err: "no addresses"})
	tr.add(call(12, 1, codes.OK))
	tr.add(call(12, 1, codes.Internal))
	tr.tell(1.1, 20, 3)
	tr.tell(1.2, 20, 3)
	var ticks []timeline.Tick
	failures := 0
	for _, e := range tr.voice.log.Events() {
		if tick, ok := timeline.Payload[timeline.Tick](e); ok {
			ticks = append(ticks, tick)
		}
		if e.Type == timeline.RPCFailed {
			failures++
		}
	}
	if len(ticks) != 2 || ticks[0].Picks != "1b-+!" || ticks[1].Picks != "" {
		t.Fatalf("%+v", ticks)
	}
	if want := map[string]int{"UNAVAILABLE": 2, "INTERNAL": 1}; !maps.Equal(ticks[0].Failed, want) || failures != 3 {
		t.Errorf("failed %v and %d events, want %v and 3", ticks[0].Failed, failures, want)
	}
	if s := tr.sum(); s.RPCs != 5 || s.OK != 2 || s.Failed != 3 {
		t.Errorf("totals %+v", s)
	}
	if on := tr.voice.log.Events()[0].On; !slices.Equal(on, []string{"replica/greeter-2"}) {
		t.Errorf("the failure concerns %v", on)
	}
}
