package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/stack/proc"
	"devstack/timeline"
)

// killConsul ends agents the hard way. All are started again before one is waited for,
// because a quorum may need more than the first.
func killConsul(_ context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	var killed []*Agent
	for _, a := range o.agents {
		if err := a.kill(); err != nil {
			return nil, errors.Join(err, revive(killed))
		}
		killed = append(killed, a)
	}
	return func(ctx context.Context) error {
		if err := revive(killed); err != nil {
			return err
		}
		for _, a := range killed {
			if err := a.await(ctx); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// revive starts those agents that have no process.
func revive(agents []*Agent) error {
	var errs []error
	for _, a := range agents {
		if !a.Running() {
			errs = append(errs, a.start())
		}
	}
	return errors.Join(errs...)
}

// restartLimit bounds how long a restarted agent may take to know a leader.
const restartLimit = 20 * time.Second

// restartConsul stops agents that run, one after the other, as an operator does, and starts
// those that have ended all at once, because a quorum may need more than the first.
func restartConsul(ctx context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, restartLimit, fmt.Errorf("not within %s", restartLimit))
	defer cancel()
	running := slices.DeleteFunc(slices.Clone(o.agents), func(a *Agent) bool { return !a.Running() })
	if err := revive(o.agents); err != nil {
		return nil, err
	}
	for _, a := range running {
		if err := a.end(s.now); err != nil {
			return nil, err
		}
		if err := a.start(); err != nil {
			return nil, err
		}
		if err := a.await(ctx); err != nil {
			return nil, err
		}
	}
	return healsNothing, awaitAll(ctx, o.agents)
}

// haveProcesses says that one of the agents has ended.
func haveProcesses(_ *Stack, o Order) error {
	for _, a := range o.agents {
		if !a.Running() {
			return fmt.Errorf("%s has ended (devstack restart %s)", a.Name, a.Name)
		}
	}
	return nil
}

// haveFollowers says that there is nobody to hand the leadership to.
func haveFollowers(s *Stack, o Order) error {
	_, err := s.agents.followers(o.agents[0], true)
	return err
}

func pauseConsul(_ context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	var undos []func() error
	undo := func(context.Context) error {
		var errs []error
		for _, u := range undos {
			errs = append(errs, u())
		}
		return errors.Join(errs...)
	}
	for _, a := range o.agents {
		u, err := s.pauseAgent(a)
		if err != nil {
			return nil, errors.Join(err, undo(nil))
		}
		undos = append(undos, u)
	}
	return undo, nil
}

func (s *Stack) pauseAgent(a *Agent) (func() error, error) {
	child, err := a.process()
	if err != nil {
		return nil, err
	}
	if err := child.Pause(); err != nil {
		return nil, err
	}
	s.noteConsul(a, timeline.ConsulPaused, timeline.Warn, a.Name+" paused")
	return func() error {
		if err := child.Resume(); errors.Is(err, proc.ErrEnded) {
			return nil // nobody is paused any more
		} else if err != nil {
			return err
		}
		s.noteConsul(a, timeline.ConsulResumed, timeline.Good, a.Name+" resumed")
		return nil
	}, nil
}

// transferLeader moves Raft's leadership as an operator does before a server's maintenance.
// Nothing is to be undone: one leader is as good as another.
func transferLeader(ctx context.Context, _ *Stack, o Order) (func(context.Context) error, error) {
	if err := o.agents[0].transferLeader(ctx); err != nil {
		return nil, err
	}
	return healsNothing, nil
}

func (a *Agent) transferLeader(ctx context.Context) error {
	if _, err := a.client.Operator().RaftLeaderTransfer("", (&api.QueryOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("transfer the leadership: %w", err)
	}
	return nil
}

func (s *Stack) noteConsul(a *Agent, t timeline.Type, sev timeline.Sev, msg string) {
	s.log.Append(timeline.Event{Type: t, Src: "supervisor", On: []string{timeline.Agent(a.Name)}, Sev: sev, Msg: msg})
}

func (s *Stack) notePaused(replica string, paused bool) {
	if paused {
		s.note(timeline.ReplicaPaused, timeline.Warn, replica, replica+" paused (SIGSTOP)", nil)
		return
	}
	s.note(timeline.ReplicaResumed, timeline.Good, replica, replica+" resumed (SIGCONT)", nil)
}
