package resolver

import (
	"cmp"
	"time"
)

// take works an answer in, tells about it, and says whether it brought anything new.
func (l *loop) take(r reply, began time.Time) (changed bool) {
	asked := l.index
	next, reset := nextIndex(asked, r.meta.LastIndex)
	l.index = next
	if l.maxStale > 0 && asked > 0 {
		l.index = 0
	}
	l.sawLeader = l.sawLeader || r.meta.KnownLeader
	recovered := l.failures > 0
	l.failures = 0

	if len(r.entries) == 0 && r.because == nil && l.kind != askKey { // not explained this time
		r.because, r.census = cmp.Or(l.now.because, ErrNoMatch), l.now.census
	}
	sum := digest(l.seed, r.entries, r.config)
	// Counts of an empty answer may change while it stays empty: the balancer's error should name the newest.
	changed = !l.now.good || sum != l.sum || l.now.because != r.because || r.census != l.now.census
	if len(r.entries) > 0 {
		l.peak = r.meta.LastIndex
	}
	a := &answer{entries: r.entries, config: r.config, good: true, because: r.because, census: r.census,
		young: len(r.entries) == 0 && r.meta.LastIndex < l.peak, index: next, prev: asked, blocked: time.Since(began), meta: r.meta}
	if !changed {
		a.entries = l.now.entries // so that the old ones are not kept alive beside equal new ones
	}
	l.now, l.sum = a, sum
	l.note(func(s *WatchStatus) {
		s.Failures, s.Index, s.LastSuccess, s.Instances = 0, next, time.Now(), len(r.entries)
		s.LastError = nil
	})
	if reset {
		l.tell(Event{Kind: KindIndexReset, Index: r.meta.LastIndex, PrevIndex: asked})
	}
	if changed || recovered {
		l.publish(a)
	} else {
		l.mu.Lock()
		l.latest = a
		l.mu.Unlock()
		l.tell(a.event(KindUnchanged))
	}
	return changed
}

// event is what an answer contributes to an event.
func (a *answer) event(k Kind) Event {
	return Event{Kind: k, Index: a.index, PrevIndex: a.prev, Blocked: a.blocked, Attempt: a.attempt,
		Backend: a.meta.QueryBackend, KnownLeader: a.meta.KnownLeader, Stale: a.meta.LastContact > 0, CacheHit: a.meta.CacheHit}
}

// WatchStatus is the state of one watch, as Builder.Snapshot returns it.
type WatchStatus struct {
	Target      string // of the channel that started the watch, without secrets
	Service     string // or prepared query, or key
	Datacenter  string
	KV          bool // it watches a service config
	Agent       string
	Subscribers int
	Instances   int // in the last good answer, before health and limit
	Index       uint64
	Requests    uint64
	Failures    int // in a row
	LastAttempt time.Time
	LastSuccess time.Time
	LastFailure time.Time
	LastError   error // of the last query, nil when it was good
}

func (w *watch) note(change func(*WatchStatus)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.status)
}

func (w *watch) snapshot() WatchStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.status
	s.Subscribers = len(w.subs)
	return s
}
