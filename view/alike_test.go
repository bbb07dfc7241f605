package view

import (
	"strings"
	"testing"

	"devstack/timeline"
)

func TestFailedCallsDoNotDrownTheLog(t *testing.T) {
	var out strings.Builder
	p := NewPlain(&out, false, 5)
	fail := func(n int, msg string) {
		for range n {
			p.Add(timeline.Event{Type: timeline.RPCFailed, T: 1, Msg: msg})
		}
	}
	fail(100, "RPC failed on greeter-2: UNAVAILABLE")
	fail(2, "RPC failed on greeter-3: UNAVAILABLE")
	p.Add(timeline.Event{Type: timeline.TrafficTick, T: 6, D: timeline.Tick{Seconds: 5}})
	p.Add(timeline.Event{Type: timeline.FaultHealed, T: 7, Msg: "healed"})
	fail(1, "RPC failed on greeter-2: UNAVAILABLE")
	text := out.String()
	for want, n := range map[string]int{"on greeter-2": 4, "on greeter-3": 2, "and 97 more RPCs failed in the same ways": 1} {
		if got := strings.Count(text, want); got != n {
			t.Errorf("%q is there %d times, want %d:\n%s", want, got, n, text)
		}
	}
}
