package stack

import (
	"fmt"
	"slices"
	"sync"

	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/timeline"
)

// watchedBuilder observes a resolver that has no observer of its own: it stands between
// the resolver and the channel, and tells what passes, after it has passed.
type watchedBuilder struct {
	grpcresolver.Builder
	voice voice
	names *names
}

func (b watchedBuilder) Build(t grpcresolver.Target, cc grpcresolver.ClientConn, o grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	return b.Builder.Build(t, &watchedConn{ClientConn: cc, voice: b.voice, names: b.names}, o)
}

// watchedConn is the channel as the resolver sees it.
type watchedConn struct {
	grpcresolver.ClientConn
	voice voice
	names *names

	mu    sync.Mutex
	given []string
}

func (c *watchedConn) UpdateState(s grpcresolver.State) error {
	err := c.ClientConn.UpdateState(s)
	addrs := addressesOf(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	d := timeline.Resolved{
		Endpoints: c.names.all(addrs), Added: c.names.all(without(addrs, c.given)), Removed: c.names.all(without(c.given, addrs)),
	}
	same := slices.Equal(addrs, c.given)
	c.given = addrs
	switch {
	case len(addrs) == 0:
		c.tell(timeline.ResolverEmpty, timeline.Bad, "resolver has nothing to offer", d)
	case !same:
		c.tell(timeline.ResolverUpdated, timeline.Good, fmt.Sprintf("resolver pushed %d endpoints%s", len(addrs), news(d)), d)
	}
	return err
}

func (c *watchedConn) ReportError(err error) {
	c.ClientConn.ReportError(err)
	c.tell(timeline.ResolverError, timeline.Warn, "resolver: "+err.Error(), timeline.ResolverFailure{Error: err.Error()})
}

func (c *watchedConn) tell(t timeline.Type, sev timeline.Sev, msg string, d any) {
	var on []string
	if r, ok := d.(timeline.Resolved); ok {
		on = subjects(slices.Concat(r.Added, r.Removed))
	}
	c.voice.tell(timeline.Event{Type: t, Src: timeline.ResolverSrc, On: on, Sev: sev, Msg: msg, D: d})
}

// addressesOf lists every address of s once, in order.
func addressesOf(s grpcresolver.State) []string {
	var out []string
	for _, e := range s.Endpoints {
		for _, a := range e.Addresses {
			out = append(out, a.Addr)
		}
	}
	for _, a := range s.Addresses {
		out = append(out, a.Addr)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
