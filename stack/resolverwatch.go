package stack

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"devstack/resolver"
	"devstack/timeline"
)

// resolverWatch tells what the resolver under test gave to the channel.
type resolverWatch struct {
	voice voice
	names *names
}

// Observe implements resolver.Observer.
func (w resolverWatch) Observe(e resolver.Event) {
	switch e.Kind {
	case resolver.KindUpdated:
		w.updated(e)
	case resolver.KindEmpty:
		if len(e.Endpoints) > 0 && (errors.Is(e.Err, resolver.ErrACLFiltered) || errors.Is(e.Err, resolver.ErrNoLeader)) {
			w.tell(timeline.ResolverError, timeline.Warn, "resolver keeps its list: "+e.Err.Error(), failure(e)) // such an empty list proves nothing
			return
		}
		w.tell(timeline.ResolverEmpty, timeline.Bad, "resolver has nothing to offer: "+e.EmptyReason, w.resolved(e))
	case resolver.KindError:
		w.tell(timeline.ResolverError, timeline.Warn, "resolver: "+e.Err.Error(), failure(e))
	case resolver.KindBackoff:
		w.tell(timeline.ResolverBackoff, timeline.Info, fmt.Sprintf("resolver asks again in %s", e.NextRetry.Round(time.Millisecond)), failure(e))
	}
}

func (w resolverWatch) updated(e resolver.Event) {
	d := w.resolved(e)
	msg := fmt.Sprintf("resolver pushed %d endpoints%s", len(d.Endpoints), news(d))
	sev := timeline.Good
	if len(d.Removed) > 0 {
		sev = timeline.Warn
	}
	w.tell(timeline.ResolverUpdated, sev, fmt.Sprintf("%s, index %d", msg, e.Index), d, slices.Concat(d.Added, d.Removed)...)
}

// news is what d brought, such as " +greeter-2 −greeter-1".
func news(d timeline.Resolved) string {
	var s string
	if len(d.Added) > 0 {
		s += " +" + timeline.Few(d.Added, " +")
	}
	if len(d.Removed) > 0 {
		s += " −" + timeline.Few(d.Removed, " −")
	}
	return s
}

func (w resolverWatch) resolved(e resolver.Event) timeline.Resolved {
	return timeline.Resolved{
		Index: e.Index, Prev: e.PrevIndex, BlockedMS: float64(e.Blocked.Microseconds()) / 1000,
		Endpoints: w.instances(e.Endpoints), Added: w.instances(e.Added), Removed: w.instances(e.Removed), Reason: e.EmptyReason,
	}
}

func (w resolverWatch) instances(list []resolver.Instance) []string {
	addrs := make([]string, len(list))
	for i, in := range list {
		addrs[i] = in.Addr
	}
	return w.names.all(addrs)
}

func (w resolverWatch) tell(t timeline.Type, sev timeline.Sev, msg string, d any, replicas ...string) {
	w.voice.tell(timeline.Event{Type: t, Src: timeline.ResolverSrc, On: subjects(replicas), Sev: sev, Msg: msg, D: d})
}

func failure(e resolver.Event) timeline.ResolverFailure {
	f := timeline.ResolverFailure{Attempt: e.Attempt, RetryMS: float64(e.NextRetry.Microseconds()) / 1000}
	if e.Err != nil {
		f.Error = e.Err.Error()
	}
	return f
}

// tellCrash notes the naive resolver's panic: in its own program it would have ended the client.
func tellCrash(v voice, err error) {
	v.tell(timeline.Event{
		Type: timeline.ResolverCrashed, Src: timeline.ResolverSrc, Sev: timeline.Bad,
		Msg: "the resolver panicked, which would have ended its program: " + err.Error(),
		D:   timeline.ResolverFailure{Error: err.Error()},
	})
}
