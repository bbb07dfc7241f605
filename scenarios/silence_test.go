package scenarios

import (
	"testing"
	"time"

	"devstack/stack"
	"devstack/timeline"
)

func TestSilenceIsTheLongestInItsWindow(t *testing.T) {
	r := Record{Events: []timeline.Event{
		{T: 1, Type: timeline.ConsulAgentReported, D: timeline.AgentReport{Silent: 9}},
		{T: 2, Type: timeline.ConsulAgentReported, D: timeline.AgentReport{Silent: 1}},
		{T: 3, Type: timeline.ConsulAgentReported, D: timeline.AgentReport{Silent: 2}},
		{T: 4, Type: timeline.ConsulAgentReported, D: timeline.AgentReport{}},
		{T: 5, Type: timeline.ResolverError, D: timeline.ResolverFailure{Error: "the answer may be 2.1s old"}},
	}}
	if got := r.silence(window{1.5, 6}); got != 2 {
		t.Errorf("silent for %d s, want 2", got)
	}
	m := observe(r, window{1.5, 6}, nil, nil)
	if got, _ := m["errored"].AsBigFloat().Float64(); got != 3.5 {
		t.Errorf("the first error after %v s, want 3.5", got)
	}
	if !observe(r, window{1.5, 5}, nil, nil)["errored"].IsNull() {
		t.Error("an error of another window counts")
	}
}

func TestMaxStaleIsATermOfTheQuery(t *testing.T) {
	for query, want := range map[string]time.Duration{"": 0, "stale=true": 0, "max-stale=2s&wait=1m": 2 * time.Second} {
		if got := maxStale(stack.Config{Query: query}); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}
