package main

import (
	"context"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"devstack/load"
)

// measured is what became of the calls of one plan.
type measured struct {
	plan        *loadPlan
	snap        load.Snapshot
	stats       load.Stats
	metrics     *load.Metrics
	elapsed     time.Duration // from the start to the end of the last call
	interrupted bool
	dir         string // the run folder, "" when there is none
}

// measure makes the calls and shows how they go. What it measured is good beside an error of
// the record; without any call, metrics is nil.
func measure(ctx context.Context, p *loadPlan, call load.Call, std streams) (m measured, err error) {
	rec, err := newLoadRecord(p)
	if err != nil {
		return m, err
	}
	m = measured{plan: p, metrics: &load.Metrics{}, dir: rec.dir()}
	win := &window{}
	show := p.follower(std)
	cfg := p.config
	cfg.Call, cfg.Origin = call, time.Now()
	cfg.Sink = func(r load.Result) {
		m.metrics.Add(r)
		rec.add(r)
		if show != nil {
			win.add(r)
		}
	}
	attack, err := load.New(cfg)
	if err != nil {
		return measured{}, rec.close(m, err)
	}
	stop := every(time.Second, func() { show(time.Since(cfg.Origin), win.take(), attack.Stats()) }, show != nil)
	err = attack.Run(ctx)
	m.elapsed = time.Since(cfg.Origin)
	stop()
	if p.format != formatNDJSON && show != nil {
		clearLine(std.err)
	}
	m.snap, m.stats, m.interrupted = m.metrics.Snapshot(), attack.Stats(), ctx.Err() != nil
	return m, rec.close(m, err)
}

// loadGC is how much garbage there may be, in percent of what is not. The rest of this
// program lives too, and is looked at whenever garbage is collected: at Go's own 100 that is a
// fifth of the processor time of a closed loop, at this it is next to nothing, for 40 MB.
const loadGC = 400

// collectLess lets garbage be, unless the user has said how much. undo ends it.
func collectLess() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(loadGC)
	return func() { debug.SetGCPercent(before) }
}

// follower is what is told about each second: a line of NDJSON, or on a terminal a line
// that is drawn over; nil when nobody is there to read.
func (p *loadPlan) follower(std streams) func(time.Duration, load.Snapshot, load.Stats) {
	if p.format == formatNDJSON {
		return func(at time.Duration, s load.Snapshot, st load.Stats) { printSecond(std.out, at, s, st) }
	}
	if f, ok := std.err.(*os.File); ok && isTerminal(f) {
		return func(at time.Duration, s load.Snapshot, st load.Stats) { drawProgress(f, p, at, s, st) }
	}
	return nil
}

// every calls f each d until stop is called, which waits for it.
func every(d time.Duration, f func(), really bool) (stop func()) {
	if !really {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f()
			case <-done:
				return
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// window adds up the calls since it was last taken. It has two halves, so that taking one
// holds nobody up who adds to the other.
type window struct {
	halves [2]load.Metrics
	now    atomic.Uint32
}

func (w *window) add(r load.Result) { w.halves[w.now.Load()].Add(r) }

// take may be called by one goroutine at a time.
func (w *window) take() load.Snapshot {
	old := w.now.Load()
	w.halves[1-old].Reset()
	w.now.Store(1 - old)
	return w.halves[old].Snapshot()
}
