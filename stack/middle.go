package stack

import (
	"context"
	"fmt"
	"sync"
	"time"

	"devstack/stack/proc"
	"devstack/timeline"
)

// What stands between client and replicas: nothing, a router that understands RPCs, or a
// balancer that only sees TCP connections. The client then knows one address.
const (
	ViaDirect = "direct"
	ViaRouter = "router"
	ViaTCP    = "tcp"
)

// Vias lists them.
func Vias() []string { return []string{ViaDirect, ViaRouter, ViaTCP} }

// middleName is the middleman's name in the record.
const middleName = "router"

// middleman is the process in the middle. It keeps its address over restarts, because its
// clients know nothing else.
type middleman struct {
	stack *Stack

	mu    sync.Mutex
	child *proc.Child
	addr  string
}

func (m *middleman) start(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	cfg := m.stack.cfg
	heard := make(chan string, 1)
	listen := m.addr
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	child, err := proc.Start(proc.Spec{
		Name: middleName, Path: cfg.Self, LogPath: cfg.logPath(middleName), Env: m.stack.agents.security.env(cfg.Consul, partResolver),
		Args: []string{"greeter", "route", "--layer", cfg.Via, "--listen", listen, "--target", m.stack.consulTarget()},
		OnNote: func(n proc.Note) {
			if n.Kind == proc.Listening {
				heard <- n.Addr
			}
		},
	})
	if err != nil {
		return err
	}
	m.child = child
	select {
	case m.addr = <-heard:
	case <-child.Done():
		exit := child.Exit()
		return fmt.Errorf("wait for the %s to listen: %w", middleName, &exit)
	case <-ctx.Done():
		return fmt.Errorf("wait for the %s to listen: %w", middleName, context.Cause(ctx))
	}
	m.stack.names.put(m.addr, middleName)
	m.stack.log.Append(timeline.Event{
		Type: timeline.LogLine, Src: "supervisor", On: []string{middleName}, Msg: fmt.Sprintf("the %s listens on %s, pid %d", middleName, m.addr, child.PID()),
	})
	return nil
}

func (m *middleman) process() *proc.Child {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.child
}

func (m *middleman) stop(now <-chan struct{}) {
	if child := m.process(); child != nil {
		child.Stop(time.Second, now)
	}
}

func killMiddleman(_ context.Context, s *Stack, _ Order) (func(context.Context) error, error) {
	child := s.middle.process()
	if err := child.Kill(); err != nil {
		return nil, err
	}
	exit := child.Exit()
	s.log.Append(timeline.Event{
		Type: timeline.LogLine, Src: "supervisor", On: []string{middleName}, Sev: timeline.Bad, Msg: fmt.Sprintf("the %s ended: %s", middleName, exit.Status),
	})
	return s.middle.start, nil
}
