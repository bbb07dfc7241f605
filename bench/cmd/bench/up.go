package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// running is a `devstack up` that is ready.
type running struct {
	cmd       *exec.Cmd
	ready     time.Duration // from its start
	firstRPC  float64       // in ms from its start
	dashboard string        // URL
	drained   chan struct{}
}

// up starts a stack and waits until it is ready. stop ends it.
func (b *bench) up(ctx context.Context, flags ...string) (*running, error) {
	cmd := b.command(ctx, b.devstack, append([]string{"up", "--format", "ndjson", "--dashboard", "127.0.0.1:0"}, flags...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start devstack up: %w", err)
	}
	s := &running{cmd: cmd, drained: make(chan struct{})}
	lines := bufio.NewReader(out)
	err = s.await(lines, begin)
	go func() { defer close(s.drained); io.Copy(io.Discard, lines) }()
	if err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// await reads events until the stack is ready.
func (s *running) await(events *bufio.Reader, begin time.Time) error {
	for {
		line, err := events.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("wait for the stack: %w", err)
		}
		var e struct {
			Type string
			D    struct {
				ReadyMS   float64 `json:"ready_ms"`
				Dashboard string
			}
		}
		if json.Unmarshal(line, &e) == nil && e.Type == "stack.ready" {
			s.ready, s.firstRPC, s.dashboard = time.Since(begin), e.D.ReadyMS, e.D.Dashboard
			return nil
		}
	}
}

// stop ends the stack in order and returns how long that took.
func (s *running) stop() (time.Duration, error) {
	begin := time.Now()
	s.cmd.Process.Signal(os.Interrupt)
	<-s.drained
	if err := s.cmd.Wait(); err != nil {
		return 0, fmt.Errorf("end devstack up: %w", err)
	}
	return time.Since(begin), nil
}
