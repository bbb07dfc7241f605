package load

import (
	"context"
	"sync"
	"time"
)

// open follows the pacer. Calls are made by workers, which are added while all are busy and kept, because
// a fresh goroutine would have to grow its stack for each call.
func (a *Attack) open(ctx context.Context) {
	o := &openLoop{Attack: a, start: a.now(), calls: context.WithoutCancel(ctx), jobs: make(chan job), alarm: a.newAlarm()}
	defer o.alarm.close()
	if live, ok := a.cfg.Pacer.(Live); ok {
		live.Begin(a.cfg.Origin.Add(o.start))
		o.changed = live.Changed
	}
	defer o.wg.Wait()
	defer close(o.jobs)
	n := uint64(0)
	for due, ok := o.await(ctx, n); ok && o.hand(ctx, due); due, ok = o.await(ctx, n) {
		n++
	}
	a.unsent.Store(o.overdue(n))
}

// openLoop is the state of one run of the open loop; only the goroutine of Run uses it, except wg and jobs.
type openLoop struct {
	*Attack
	start   time.Duration // offset of the pacer's 0
	calls   context.Context
	changed func() <-chan struct{} // nil unless the pacer is Live
	jobs    chan job
	wg      sync.WaitGroup
	workers int
	free    time.Duration // when the last wait for MaxInFlight ended
	alarm   *alarm
}

// job is a call to make. It could have begun at ready, the later of due and free; one that was held for
// MaxInFlight says nothing about this machine.
type job struct {
	due, ready time.Duration
	held       bool
}

// await returns the offset at which call n is due once that time has come; false when it never will.
func (o *openLoop) await(ctx context.Context, n uint64) (time.Duration, bool) {
	for {
		var changed <-chan struct{}
		if o.changed != nil {
			changed = o.changed()
		}
		due, ok := o.due(n)
		if !ok {
			return 0, false
		}
		wait := due - o.now()
		if wait <= 0 {
			return due, ctx.Err() == nil
		}
		if !o.sleep(ctx, min(wait, o.left()), changed) {
			return 0, false
		}
	}
}

// due is when call n is due; false when the schedule has no such call.
func (o *openLoop) due(n uint64) (time.Duration, bool) {
	if o.cfg.Count > 0 && n >= o.cfg.Count {
		return 0, false
	}
	due, ok := o.cfg.Pacer.When(n)
	switch {
	case !ok, o.cfg.Duration > 0 && due >= o.cfg.Duration && due != Never:
		return 0, false
	case due == Never:
		return Never, o.cfg.Duration == 0 || o.left() > 0
	}
	return o.start + due, true
}

// left is the time until Duration is over.
func (o *openLoop) left() time.Duration {
	if o.cfg.Duration == 0 {
		return Never
	}
	return o.start + o.cfg.Duration - o.now()
}

// sleep returns true after d or a change, and sometimes before, false when ctx ended first.
func (o *openLoop) sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) bool {
	o.alarm.set(max(d, 1))
	select {
	case <-o.alarm.rang:
		return true
	case <-changed:
		return true
	case <-ctx.Done():
		return false
	}
}

// hand gives the call to an idle worker, a new one, or, when MaxInFlight calls are in flight, to the first
// that becomes free. It returns false when the run ended before that.
func (o *openLoop) hand(ctx context.Context, due time.Duration) bool {
	j := job{due: due, ready: max(due, o.free)}
	select {
	case o.jobs <- j:
		return true
	default:
	}
	if o.workers < o.cfg.MaxInFlight {
		o.workers++
		o.wg.Go(func() { o.work(j) })
		return true
	}
	return o.handLate(ctx, j)
}

func (o *openLoop) handLate(ctx context.Context, j job) bool {
	o.waited.Add(1)
	j.held = true
	var over <-chan time.Time
	if o.cfg.Duration > 0 {
		t := time.NewTimer(o.left())
		defer t.Stop()
		over = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-over:
		return false
	case o.jobs <- j:
		o.free = o.now()
		return true
	}
}

func (o *openLoop) work(first job) {
	o.make(first)
	for j := range o.jobs {
		o.make(j)
	}
}

func (o *openLoop) make(j job) {
	r := o.do(o.calls, j.due)
	if !j.held {
		o.delay.add(r.Sent - j.ready)
	}
}

// overdue counts the calls from n on that were due by now.
func (o *openLoop) overdue(n uint64) uint64 {
	now := o.now()
	count := uint64(0)
	for due, ok := o.due(n); ok && due <= now; due, ok = o.due(n + count) {
		count++
	}
	return count
}
