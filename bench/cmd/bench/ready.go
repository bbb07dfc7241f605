package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// readyReplicas is how many greeters have to answer.
const readyReplicas = 3

// ready is the time from the start until greeters behind Consul are all there, for devstack
// also its own figure for the first successful RPC, and how long its graceful end takes.
func (b *bench) ready(ctx context.Context) ([]row, error) {
	s, first, end := newSamples(), newSamples(), newSamples()
	const ours = "devstack up"
	for range b.rounds {
		for _, c := range []struct {
			name  string
			start func(context.Context) (time.Duration, error)
		}{{ours, func(ctx context.Context) (time.Duration, error) { return b.up(ctx, first, end) }}, {"sdk/testutil, in sequence", b.sequence}} {
			d, err := c.start(ctx)
			if err != nil {
				return nil, fmt.Errorf("time until ready of %s: %w", c.name, err)
			}
			s.add(c.name, float64(d)/1e6)
		}
	}
	return slices.Concat(
		first.rows(fmt.Sprintf("exec → first RPC, %d replicas", readyReplicas), "ms", ours),
		s.rows(fmt.Sprintf("all %d replicas ready", readyReplicas), "ms", ours),
		end.rows("Ctrl-C → ended", "ms", ours)), nil
}

// up starts a stack, waits until it is ready and ends it.
func (b *bench) up(ctx context.Context, first, end *samples) (time.Duration, error) {
	cmd := b.command(ctx, b.devstack, "up", "--replicas", fmt.Sprint(readyReplicas), "--format", "ndjson")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start devstack up: %w", err)
	}
	took, rpc, err := awaitReady(out, begin)
	first.add("devstack up", rpc)
	interrupted := time.Now()
	cmd.Process.Signal(os.Interrupt)
	io.Copy(io.Discard, out)
	err = errors.Join(err, cmd.Wait())
	end.add("devstack up", float64(time.Since(interrupted))/1e6)
	return took, err
}

// awaitReady returns when the stack was ready and after how many milliseconds it had had
// its first answer.
func awaitReady(events io.Reader, begin time.Time) (time.Duration, float64, error) {
	for lines := bufio.NewReader(events); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return 0, 0, fmt.Errorf("wait for the stack: %w", err)
		}
		var e struct {
			Type string
			D    struct {
				ReadyMS float64 `json:"ready_ms"`
			}
		}
		if json.Unmarshal(line, &e) == nil && e.Type == "stack.ready" {
			return time.Since(begin), e.D.ReadyMS, nil
		}
	}
}
