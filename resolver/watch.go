package resolver

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"
)

// answer is what a watch knows, immutable once published.
type answer struct {
	entries []*api.ServiceEntry // of the last good answer
	config  string              // likewise, for a KV watch
	good    bool                // there was a good answer
	because error               // why entries is empty, nil when it is not
	young   bool                // entries is empty, and Consul's index is lower than one seen before
	census  census
	err     *QueryError // of the last query, nil when it was good
	attempt int         // failures in a row
	index   uint64
	prev    uint64
	blocked time.Duration
	meta    api.QueryMeta
}

// known says whether there is anything to act on yet.
func (a *answer) known() bool { return a != nil && (a.good || a.err != nil) }

// doubtful says that an empty answer is no proof of an empty service.
func (a *answer) doubtful() bool { return a.because == ErrACLFiltered || a.because == ErrNoLeader }

// inbox takes a watch's newest answer. It must not block: it may be called with a lock held.
type inbox func(*answer)

// watch asks one query for as long as somebody subscribes, and a linger after.
type watch struct {
	query
	builder *Builder
	conn    *conn
	target  string // of the channel that started it, without secrets
	cancel  context.CancelFunc
	poke    chan struct{} // one slot: requests to resolve now

	mu     sync.Mutex
	subs   map[*channel]inbox
	latest *answer
	status WatchStatus

	linger *time.Timer // guarded by the Builder's lock
}

func newWatch(b *Builder, q query, c *conn, target string, cancel context.CancelFunc) *watch {
	return &watch{query: q, builder: b, conn: c, target: target, cancel: cancel,
		poke: make(chan struct{}, 1), subs: map[*channel]inbox{},
		status: WatchStatus{Target: target, Service: q.name, Datacenter: q.dc, KV: q.kind == askKey}}
}

// subscribe adds a channel and hands it what is known already.
func (w *watch) subscribe(c *channel, in inbox) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs[c] = in
	if w.latest.known() {
		in(w.latest)
	}
}

// unsubscribe removes a channel and says whether it was the last.
func (w *watch) unsubscribe(c *channel) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.subs, c)
	return len(w.subs) == 0
}

func (w *watch) idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.subs) == 0
}

func (w *watch) publish(a *answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.latest = a
	for _, in := range w.subs {
		in(a)
	}
}

func (w *watch) resolveNow() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// tell passes on an event of the watch.
func (w *watch) tell(e Event) {
	w.mu.Lock()
	e.Shared = len(w.subs) > 1
	w.mu.Unlock()
	e.Target, e.Service, e.Datacenter, e.Wait = w.target, w.name, w.dc, w.wait
	w.builder.tell(e)
}

// loop is the state of a running watch, owned by its goroutine.
type loop struct {
	*watch
	index     uint64
	waited    time.Duration // that the last query was allowed to block
	failures  int
	sawLeader bool
	peak      uint64 // highest index of an answer that had entries, since the last one that had
	seed      maphash.Seed
	sum       uint64
	pacer     pacer
	now       *answer // last published, nil before
}

func (w *watch) run(ctx context.Context) {
	l := &loop{watch: w, seed: maphash.MakeSeed(), now: &answer{}}
	for ctx.Err() == nil {
		l.step(ctx)
	}
}

// step asks once and waits for as long as the answer demands.
func (l *loop) step(ctx context.Context) {
	began := time.Now()
	r, err := l.ask(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		l.fail(ctx, err, began)
	default:
		changed := l.take(r, began)
		l.rest(ctx, began, changed)
	}
}

func (l *loop) ask(ctx context.Context) (reply, *QueryError) {
	client, agent, token, err := l.conn.use()
	l.note(func(s *WatchStatus) { s.Agent = agent; s.Requests++; s.LastAttempt = time.Now() })
	var r reply
	l.waited = l.patience()
	if err == nil {
		r, err = l.query.ask(ctx, client, token, l.index, hints{wait: l.waited, sawLeader: l.sawLeader, explain: l.mayExplain})
	}
	if err == nil {
		return r, nil
	}
	q := queryError(l.query, agent, err, append(l.secrets(), token)...)
	if q.Class == ClassNetwork || q.Class == ClassTimeout || q.Class == ClassStale {
		l.conn.failed(client)
	}
	return r, q
}

// mayExplain allows to ask why an answer is empty only where an answer was worth waiting for.
func (l *loop) mayExplain() bool {
	return !l.now.good || len(l.now.entries) > 0 || l.pacer.repeats == 0
}

// rest keeps the query from being asked too often.
func (l *loop) rest(ctx context.Context, began time.Time, changed bool) {
	now := time.Now()
	if l.kind == askPrepared {
		l.pause(ctx, l.poll, began, true)
		return
	}
	if d := l.pacer.pause(now, now.Sub(began), l.calm(), changed); d > 0 {
		l.pause(ctx, d, began, false)
	}
}

// pause waits for d. When eager, a request to resolve now cuts it short, to a second after the last attempt.
func (l *loop) pause(ctx context.Context, d time.Duration, began time.Time, eager bool) {
	until := time.Now().Add(d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	poke := l.poke
	if !eager {
		poke = nil
	}
	select { // a request from before the pause asked for what has just been done
	case <-l.poke:
	default:
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-poke:
			poke = nil
			if sooner := began.Add(afterResolve); sooner.Before(until) {
				timer.Reset(time.Until(sooner))
				l.tell(Event{Kind: KindResolveNow, NextRetry: max(0, time.Until(sooner))})
			}
		}
	}
}

func (l *loop) fail(ctx context.Context, err *QueryError, began time.Time) {
	l.failures++
	l.index = 0 // Consul may have restarted with a lower one, and asking with the old one would block
	a := *l.now
	a.err, a.attempt, a.index, a.prev, a.blocked = err, l.failures, 0, l.now.index, time.Since(began)
	l.now = &a
	l.note(func(s *WatchStatus) {
		s.Failures, s.Index, s.LastError, s.LastFailure = l.failures, 0, err, time.Now()
	})
	l.publish(&a)
	d := backoff(l.failures, err.Class, l.longest)
	l.tell(Event{Kind: KindBackoff, Attempt: l.failures, NextRetry: d, Err: err, Blocked: a.blocked})
	l.pause(ctx, d, began, err.Class != ClassRefused && err.Class != ClassThrottle)
}
