package resolver

import (
	"time"

	"google.golang.org/grpc/serviceconfig"
)

// parsedConfig is the service config in use, and the text and outcome of the last one seen.
type parsedConfig struct {
	seen   string
	inUse  *serviceconfig.ParseResult // nil is the channel's default
	inText string
}

// deliver decides what the balancer gets. It waits until the preferred sources have said anything at all, so that
// a channel does not start on its second choice, nor with the wrong service config.
func (c *channel) deliver(answers []*answer, config *answer) {
	if c.config != nil && !config.known() {
		return
	}
	newConfig := c.config != nil && c.takeConfig(config)
	for n, a := range answers {
		if !a.known() {
			return
		}
		found, skipped := c.shape.instances(a.entries)
		if len(found) > 0 {
			c.offer(c.watches[n], a, found, skipped, newConfig)
			return
		}
	}
	c.nobody(answers)
}

// takeConfig parses a service config that has changed and says whether there is a new one to use. A bad one
// leaves the last good one in place: grpc would fail every call with it.
func (c *channel) takeConfig(a *answer) bool {
	if !a.good || a.config == c.parsed.seen {
		return false
	}
	c.parsed.seen = a.config
	if a.config == "" {
		c.parsed.inUse, c.parsed.inText = nil, ""
		return true
	}
	res := c.cc.ParseServiceConfig(a.config)
	if res.Err != nil {
		c.tell(Event{Kind: KindServiceConfig, Err: res.Err, Index: a.index})
		return false
	}
	c.parsed.inUse, c.parsed.inText = res, a.config
	return true
}

// offer gives the balancer found, if that is news.
func (c *channel) offer(w *watch, a *answer, found []Instance, skipped int, newConfig bool) {
	c.emptyFrom = time.Time{}
	added, removed, changed := diff(c.given, found)
	if len(added)+len(removed)+len(changed) > 0 || newConfig || !c.delivered {
		s := state(found)
		s.ServiceConfig = c.parsed.inUse
		_ = c.cc.UpdateState(s) // grpc's answer invites a poll, and Consul pushes
		c.given, c.delivered, c.reported = found, true, ""
		e := a.event(KindUpdated)
		e.Endpoints, e.Added, e.Removed, e.Changed = found, added, removed, changed
		e.Skipped, e.Delivered, e.Datacenter, e.Wait = skipped, true, w.dc, w.wait
		c.tell(e)
		if newConfig {
			c.tell(Event{Kind: KindServiceConfig, Delivered: true})
		}
	}
	if a.err == nil {
		c.reported = ""
		return
	}
	c.report(KindError, a, a.err, "")
}

// report gives the balancer an error it has not just been given. With a list in hand it goes on with that.
func (c *channel) report(k Kind, a *answer, err error, why string) {
	if text := err.Error(); text != c.reported {
		c.reported = text
		c.cc.ReportError(err)
		e := a.event(k)
		e.Err, e.EmptyReason, e.Delivered = err, why, true
		if k == KindEmpty {
			e.Endpoints = c.given // kept, if there were any
		}
		c.tell(e)
	}
}

// diff tells instances by their addresses.
func diff(old, found []Instance) (added, removed, changed []Instance) {
	before := make(map[string]int, len(old))
	for n := range old {
		before[old[n].Addr] = n
	}
	for n := range found {
		i := &found[n]
		was, ok := before[i.Addr]
		delete(before, i.Addr)
		switch {
		case !ok:
			added = append(added, *i)
		case !old[was].same(i):
			changed = append(changed, *i)
		}
	}
	for n := range old {
		if _, left := before[old[n].Addr]; left {
			removed = append(removed, old[n])
		}
	}
	return added, removed, changed
}
