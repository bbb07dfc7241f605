package view

import (
	"fmt"

	"devstack/timeline"
)

// tellAlike is how many failed calls with one and the same sentence have a line each.
const tellAlike = 3

// alike keeps a plain log from drowning in failed calls: after a few lines of one kind the
// others are counted, until something is done to the stack again.
type alike struct {
	told map[string]int
	more int
}

// drowned counts e, and reports whether it is to have no line of its own.
func (a *alike) drowned(e timeline.Event) bool {
	switch e.Type {
	case timeline.FaultInjected, timeline.FaultHealed, timeline.ScenarioStep:
		a.told = nil
		return false
	case timeline.RPCFailed:
	default:
		return false
	}
	if a.told == nil {
		a.told = map[string]int{}
	}
	a.told[e.Msg]++
	if a.told[e.Msg] <= tellAlike {
		return false
	}
	a.more++
	return true
}

// rest is a sentence about those that had no line since the last time, "" without any.
func (a *alike) rest() string {
	n := a.more
	a.more = 0
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("and %d more RPCs failed in the same ways", n)
}
