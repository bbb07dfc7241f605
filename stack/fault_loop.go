package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"devstack/greeter/control"
	"devstack/stack/proc"
	"devstack/timeline"
)

// loop runs a fault that goes on by itself. The function that it returns ends it and waits
// for its end; closing the stack does so too, whether the fault was healed or not.
func (f *faults) loop(run func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	f.loops.Go(func() {
		defer close(done)
		run(ctx)
	})
	f.mu.Lock()
	f.stops = append(f.stops, cancel)
	if f.done {
		cancel()
	}
	f.mu.Unlock()
	return func() { cancel(); <-done }
}

// endLoops ends every loop and waits for it.
func (f *faults) endLoops() {
	f.mu.Lock()
	for _, stop := range f.stops {
		stop()
	}
	f.mu.Unlock()
	f.loops.Wait()
}

// crashReplica kills the replica now, starts it again at once, and kills it again as soon
// as it has lived for the time that was ordered.
func crashReplica(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	life, err := given(o, "every", aBeat, 2*time.Second)
	if err != nil {
		return nil, err
	}
	if err := r.process().Kill(); err != nil {
		return nil, err
	}
	stop := s.faults.loop(func(ctx context.Context) {
		for {
			<-r.process().Done() // a heal must not take a dying process for a living one
			if ctx.Err() != nil {
				return
			}
			if err := s.restart(r)(ctx); err != nil {
				s.cfg.Log.Warn("crash loop", "replica", r.Name, "err", err)
				return
			}
			if sleep(ctx, life); ctx.Err() != nil {
				return
			}
			if err := r.process().Kill(); err != nil && r.Running() {
				s.cfg.Log.Warn("crash loop", "replica", r.Name, "err", err)
				return
			}
		}
	})
	return func(ctx context.Context) error {
		stop()
		if r.Running() {
			return r.await(ctx)
		}
		return s.restart(r)(ctx)
	}, nil
}

// flapReplica turns the replica's health to NOT_SERVING and back, each for the time that
// was ordered.
func flapReplica(ctx context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	phase, err := given(o, "every", aBeat, time.Second)
	if err != nil {
		return nil, err
	}
	sick := &control.Behaviour{Health: control.Health_NOT_SERVING}
	heal, err := behaving(sick)(ctx, s, r, o)
	if err != nil {
		return nil, err
	}
	stop := s.faults.loop(func(ctx context.Context) {
		for next := []*control.Behaviour{{}, sick}; ; next[0], next[1] = next[1], next[0] {
			if sleep(ctx, phase); ctx.Err() != nil {
				return
			}
			if err := behave(ctx, r.itself(), next[0]); err != nil && ctx.Err() == nil {
				s.cfg.Log.Warn("flap", "replica", r.Name, "err", err)
			}
		}
	})
	return func(ctx context.Context) error { stop(); return heal(ctx) }, nil
}

// starveReplica takes the processor away from the replica for a part of every period, by
// SIGSTOP and SIGCONT: it stutters, and is never quite dead.
func starveReplica(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	period, err := given(o, "every", aBeat, 100*time.Millisecond)
	if err != nil {
		return nil, err
	}
	share, err := given(o, "share", aPart, 0.8)
	if err != nil {
		return nil, err
	}
	child := r.process()
	if err := child.Pause(); err != nil {
		return nil, err
	}
	stopped := time.Duration(share * float64(period))
	stop := s.faults.loop(func(ctx context.Context) {
		for ctx.Err() == nil && child.Running() {
			sleep(ctx, stopped)
			child.Resume()
			if sleep(ctx, period-stopped); ctx.Err() == nil {
				child.Pause()
			}
		}
		child.Resume()
	})
	return func(context.Context) error { stop(); return nil }, nil
}

// rejoinLimit bounds how long a restarted replica may take to be picked again.
const rejoinLimit = 15 * time.Second

// restartReplica stops the replica in its configured order, starts it again, and returns
// when the channel picks it. One that has ended is only started. There is nothing to undo.
func restartReplica(ctx context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, rejoinLimit, fmt.Errorf("%s was not picked again within %s", r.Name, rejoinLimit))
	defer cancel()
	if r.Running() {
		r.process().Resume() // a paused one would not hear
		if err := r.terminate(); err != nil && !errors.Is(err, proc.ErrEnded) {
			return nil, err
		}
	}
	began := s.log.At(time.Now())
	if err := s.restart(r)(ctx); err != nil {
		return nil, err
	}
	_, err := s.log.Await(ctx, 0, func(e timeline.Event) bool {
		p, ok := timeline.Payload[timeline.Picker](e)
		return ok && e.T >= began && slices.Contains(p.Added, r.Name)
	})
	return func(context.Context) error { return nil }, err
}
