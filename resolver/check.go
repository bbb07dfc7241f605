package resolver

import (
	"fmt"
	"slices"
	"time"
)

var (
	healths       = []Health{"", HealthPassing, HealthWarning, HealthAny, HealthFallback}
	emptyPolicies = []EmptyPolicy{"", EmptyClear, EmptyKeep, EmptyHold}
	consistencies = []Consistency{"", ConsistencyDefault, ConsistencyStale, ConsistencyConsistent}
)

// check finds what an option may say and a target cannot.
func (p Params) check() error {
	switch {
	case !slices.Contains(healths, p.Health):
		return fmt.Errorf("option health is %q, want passing, warning, any or fallback", p.Health)
	case !slices.Contains(emptyPolicies, p.Empty):
		return fmt.Errorf("option empty is %q, want clear, keep or hold", p.Empty)
	case !slices.Contains(consistencies, p.Consistency):
		return fmt.Errorf("option consistency is %q, want default, stale or consistent", p.Consistency)
	case p.Limit < 0:
		return fmt.Errorf("option limit is %d, want a number from 0", p.Limit)
	case p.MinPassing < 0 || p.MinPassing > 100:
		return fmt.Errorf("option min-passing is %d, want a percentage from 0 to 100", p.MinPassing)
	}
	for _, d := range []struct {
		name string
		time.Duration
	}{{"wait", p.Wait}, {"timeout", p.Timeout}, {"max-backoff", p.MaxBackoff}, {"poll", p.PollInterval}, {"max-stale", p.MaxStale}, {"hold", p.Hold}} {
		if d.Duration < 0 {
			return fmt.Errorf("option %s is %s, want a positive duration", d.name, d.Duration)
		}
	}
	return nil
}

// decides is what p settles when given as values. Two parameters that settle the same contradict each other, or
// will after the next edit.
func (p param) decides(values []string) string {
	switch p.name {
	case "healthy":
		return "health"
	case "stale", "consistent":
		if on, _ := parseBool(values[0]); on {
			return "consistency"
		}
	}
	return p.name
}
