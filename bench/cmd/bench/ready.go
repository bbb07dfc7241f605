package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// readyReplicas is how many greeters have to answer.
const readyReplicas = 3

// ready is the time from the start until greeters behind Consul have answered a first call.
func (b *bench) ready(ctx context.Context) ([]row, error) {
	s := newSamples()
	const ours = "devstack up"
	for range b.rounds {
		for _, c := range []struct {
			name  string
			start func(context.Context) (time.Duration, error)
		}{{ours, b.up}, {"sdk/testutil, in sequence", b.sequence}} {
			d, err := c.start(ctx)
			if err != nil {
				return nil, fmt.Errorf("time until ready of %s: %w", c.name, err)
			}
			s.add(c.name, float64(d)/1e6)
		}
	}
	return s.rows(fmt.Sprintf("ready, %d replicas", readyReplicas), "ms", ours), nil
}

// up starts a stack, waits until it is ready and ends it.
func (b *bench) up(ctx context.Context) (time.Duration, error) {
	cmd := b.command(ctx, b.devstack, "up", "--replicas", fmt.Sprint(readyReplicas), "--format", "ndjson")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start devstack up: %w", err)
	}
	took, err := awaitReady(out, begin)
	cmd.Process.Signal(os.Interrupt)
	io.Copy(io.Discard, out)
	return took, errors.Join(err, cmd.Wait())
}

func awaitReady(events io.Reader, begin time.Time) (time.Duration, error) {
	for lines := bufio.NewReader(events); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return 0, fmt.Errorf("wait for the stack: %w", err)
		}
		var e struct{ Type string }
		if json.Unmarshal(line, &e) == nil && e.Type == "stack.ready" {
			return time.Since(begin), nil
		}
	}
}
