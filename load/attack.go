package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Call makes one call and returns the name of the replica that answered. It must end when ctx does.
type Call func(ctx context.Context) (backend string, err error)

// Config says what calls to make, when, and for how long. Call and exactly one of Pacer and Workers are
// required.
type Config struct {
	Call   Call
	Origin time.Time // offset 0 of every Result; needs its monotonic reading; zero = when New was called

	// Pacer makes it an open loop: each call is started when it is due, whatever the others do.
	Pacer Pacer
	// MaxInFlight bounds the open loop's concurrency; 0 = DefaultMaxInFlight. When so many calls are in
	// flight the next one waits, and keeps its Due: the wait is part of its latency.
	MaxInFlight int
	// Workers makes it a closed loop: so many calls at any time, each due when the one before it is done.
	Workers int

	// Keys gives each call one of so many keys, in rotation, in the header KeyHeader; 0 = no key.
	Keys int

	Deadline time.Duration // of each call, from when it is sent; 0 = DefaultDeadline
	Count    uint64        // calls to make; 0 = no bound
	Duration time.Duration // time to make calls in; 0 = no bound

	// Sink gets each Result from the goroutine that made the call, so from many at once, and delays that
	// goroutine's next call. nil drops them.
	Sink func(Result)
}

// Defaults for what a Config leaves out.
const (
	DefaultDeadline    = time.Second
	DefaultMaxInFlight = 1024
)

// Attack makes the calls of one Config. Its methods may be called from any goroutine.
type Attack struct {
	cfg   Config
	keys  keyring
	ran   atomic.Bool
	delay delays

	newAlarm func() *alarm

	sent, done, waited, unsent atomic.Uint64
}

// New checks cfg; no call is made before Run or Once.
func New(cfg Config) (*Attack, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if cfg.Origin.IsZero() {
		cfg.Origin = time.Now()
	}
	cfg.MaxInFlight = cmp.Or(cfg.MaxInFlight, DefaultMaxInFlight)
	cfg.Deadline = cmp.Or(cfg.Deadline, DefaultDeadline)
	if cfg.Sink == nil {
		cfg.Sink = func(Result) {}
	}
	return &Attack{cfg: cfg, keys: newKeyring(cfg.Keys), newAlarm: newAlarm}, nil
}

func (c Config) validate() error {
	switch {
	case c.Call == nil:
		return errors.New("no call to make")
	case (c.Pacer == nil) == (c.Workers == 0):
		return errors.New("need either a pacer or workers")
	case c.Workers < 0 || c.MaxInFlight < 0:
		return errors.New("negative concurrency")
	case c.Keys < 0:
		return errors.New("negative number of keys")
	case c.Deadline < 0 || c.Duration < 0:
		return errors.New("negative time")
	}
	if p, ok := c.Pacer.(interface{ validate() error }); ok {
		return p.validate()
	}
	return nil
}

// Run makes calls until ctx ends, Count calls were made, Duration is over or the pacer has no more, and
// returns when the last call has ended. The end of ctx does not interrupt calls in flight; their deadline
// bounds them. Run works once.
func (a *Attack) Run(ctx context.Context) error {
	if a.ran.Swap(true) {
		return errors.New("load: run twice")
	}
	if a.cfg.Workers > 0 {
		a.closed(ctx)
	} else {
		a.open(ctx)
	}
	return nil
}

// Once makes exactly one call, due now, on the way that every other call takes: it counts, it has the
// deadline, and the sink gets it. It also ends when ctx does, and may be used before, during and after Run.
func (a *Attack) Once(ctx context.Context) Result {
	return a.do(ctx, a.now())
}

// Stats is how an Attack got on with its schedule.
type Stats struct {
	Sent     uint64 // calls begun
	Done     uint64 // calls ended
	InFlight uint64
	Waited   uint64 // calls that were due while MaxInFlight calls were in flight
	Unsent   uint64 // calls that were due but never begun because of that; known when Run has ended
	// Delay is how late calls began for no other reason than this machine; those that Waited are left out.
	// Open loop only.
	Delay Delay
}

// Stats may be called while the Attack runs.
func (a *Attack) Stats() Stats {
	done := a.done.Load() // first, so that InFlight cannot underflow
	sent := a.sent.Load()
	return Stats{
		Sent: sent, Done: done, InFlight: sent - done,
		Waited: a.waited.Load(), Unsent: a.unsent.Load(), Delay: a.delay.snapshot(),
	}
}

func (a *Attack) now() time.Duration { return time.Since(a.cfg.Origin) }

// do makes one call and hands its result to the sink.
func (a *Attack) do(ctx context.Context, due time.Duration) Result {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Deadline)
	defer cancel()
	var pick Pick
	ctx = CaptureTo(ctx, &pick)

	r := Result{Seq: a.sent.Add(1), Due: due, Sent: a.now()}
	ctx, r.Key = a.keys.attach(ctx, r.Seq)
	backend, err := a.cfg.Call(ctx)
	r.Done = a.now()
	r.Backend = backend
	r.outcome(err)
	if pick.Attempts > 0 {
		r.Addr, r.Attempts, r.Picked = pick.Addr, pick.Attempts, pick.Time.Sub(a.cfg.Origin)
	}
	a.done.Add(1)
	a.cfg.Sink(r)
	return r
}
