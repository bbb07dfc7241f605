package timeline

import (
	"fmt"
	"slices"
)

// consulMarks are the moments after a fault in Consul, in the order of c1 to c6. They are
// about Consul as a whole, so each is set by the first event that tells of it.
var consulMarks = [...]string{
	"gossip misses an agent",
	"an agent is silent",
	"no leader",
	"a leader again",
	"resolver's first error",
	"first failed RPC",
}

// consulFall collects c1 to c6 of one fault.
type consulFall struct {
	injected float64
	targets  []string
	seen     [len(consulMarks)]*float64
}

func (f *consulFall) notice(e Event) {
	switch e.Type {
	case ConsulAgentReported:
		if r, ok := Payload[AgentReport](e); ok && slices.ContainsFunc(f.targets, func(t string) bool { return r.Members[t] == "failed" }) {
			f.mark(0, e.T)
		}
	case ConsulUnreachable:
		f.mark(1, e.T)
	case ConsulLeaderLost:
		f.mark(2, e.T)
	case ConsulLeaderElected:
		f.mark(3, e.T)
	case ResolverError, ResolverCrashed:
		f.mark(4, e.T)
	case RPCFailed:
		if r, ok := Payload[RPC](e); ok && r.Done >= f.injected {
			f.mark(5, r.Done)
		}
	}
}

func (f *consulFall) mark(i int, t float64) {
	if f.seen[i] == nil {
		ms := (t - f.injected) * 1000
		f.seen[i] = &ms
	}
}

func (f *consulFall) marks() []Mark {
	out := make([]Mark, len(consulMarks))
	for i, name := range consulMarks {
		out[i] = Mark{ID: fmt.Sprintf("c%d", i+1), Name: name, MS: f.seen[i]}
	}
	return out
}
