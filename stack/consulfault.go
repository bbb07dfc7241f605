package stack

import (
	"context"
	"fmt"

	"devstack/timeline"
)

func killConsul(_ context.Context, s *Stack, _ Order) (func(context.Context) error, error) {
	child, err := s.agent.process()
	if err != nil {
		return nil, err
	}
	if err := child.Kill(); err != nil {
		return nil, err
	}
	exit := child.Exit()
	s.noteConsul(timeline.ConsulExited, timeline.Bad, fmt.Sprintf("%s ended: %s", s.agent.Name, exit.Status))
	return func(ctx context.Context) error {
		if err := s.agent.start(); err != nil {
			return err
		}
		return s.agent.await(ctx)
	}, nil
}

func pauseConsul(_ context.Context, s *Stack, _ Order) (func(context.Context) error, error) {
	child, err := s.agent.process()
	if err != nil {
		return nil, err
	}
	if err := child.Pause(); err != nil {
		return nil, err
	}
	s.noteConsul(timeline.ConsulPaused, timeline.Warn, s.agent.Name+" paused")
	return func(context.Context) error {
		if err := child.Resume(); err != nil {
			return err
		}
		s.noteConsul(timeline.ConsulResumed, timeline.Good, s.agent.Name+" resumed")
		return nil
	}, nil
}

func (s *Stack) noteConsul(t timeline.Type, sev timeline.Sev, msg string) {
	s.log.Append(timeline.Event{Type: t, Src: "supervisor", On: []string{timeline.Agent(s.agent.Name)}, Sev: sev, Msg: msg})
}

func (s *Stack) notePaused(replica string, paused bool) {
	if paused {
		s.note(timeline.ReplicaPaused, timeline.Warn, replica, replica+" paused (SIGSTOP)", nil)
		return
	}
	s.note(timeline.ReplicaResumed, timeline.Good, replica, replica+" resumed (SIGCONT)", nil)
}
