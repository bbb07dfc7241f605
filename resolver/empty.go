package resolver

import (
	"cmp"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
)

// nobody handles answers none of which has anybody to offer.
func (c *channel) nobody(answers []*answer) {
	first, dc := answers[0], 0
	for n, a := range answers { // an empty answer says more than a failed query
		if a.good {
			first, dc = a, n
			break
		}
	}
	if !first.good {
		c.report(KindError, first, first.err, "")
		return
	}
	why := c.whyEmpty(first, c.watches[dc].dc)
	switch {
	case len(c.given) == 0 && !c.delivered, first.doubtful():
		c.report(KindEmpty, first, why, why.Reason.Error())
	case len(c.given) == 0:
		c.reportFailure(first)
	case first.err != nil:
		c.report(KindError, first, first.err, "")
	default:
		c.lastLeft(first, why)
	}
}

// reportFailure tells about a failing query while the balancer has an empty list.
func (c *channel) reportFailure(a *answer) {
	if a.err != nil {
		c.report(KindError, a, a.err, "")
		return
	}
	c.reported = ""
}

// restartHold is how long a list outlives a restart of Consul: instances need a moment to notice that they were
// forgotten, and to register again.
const restartHold = 10 * time.Second

// lastLeft applies the empty policy: the balancer has a list and Consul has nobody. A Consul whose index is
// lower than before has restarted and knows nobody yet, which is held even where the policy is to clear.
func (c *channel) lastLeft(a *answer, why *EmptyError) {
	began := c.emptyFrom.IsZero()
	if began {
		c.emptyFrom = time.Now()
	}
	policy, hold := c.empty, c.hold
	if policy == EmptyClear && a.young {
		policy, hold = EmptyHold, restartHold
	}
	left := hold - time.Since(c.emptyFrom)
	e := a.event(KindEmpty)
	e.Err, e.EmptyReason = why, why.Reason.Error()
	switch {
	case policy == EmptyClear, policy == EmptyHold && left <= 0:
		_ = c.cc.UpdateState(grpcresolver.State{ServiceConfig: c.parsed.inUse})
		e.Removed, e.Delivered = c.given, true
		c.given, c.reported = nil, ""
		c.tell(e)
		return
	case policy == EmptyHold:
		c.expire.Reset(left)
	}
	if began {
		e.Endpoints = c.given
		c.tell(e)
	}
}

// whyEmpty says why a has nobody to offer.
func (c *channel) whyEmpty(a *answer, dc string) *EmptyError {
	n := a.census
	reason := a.because
	if len(a.entries) > 0 { // there are some, but not for this channel
		n = count(a.entries)
		if reason = ErrUnhealthy; len(c.shape.healthy(a.entries)) > 0 {
			reason = ErrNoAddress
		}
	}
	return &EmptyError{Service: cmp.Or(c.target.Service, c.target.Query), Datacenter: dc, Registered: n.Registered,
		Critical: n.Critical, Warning: n.Warning, Passing: n.Passing, Maintenance: n.Maintenance, Reason: cmp.Or(reason, ErrNoMatch), rights: c.watches[0].rights(), anonymous: n.anonymous}
}
