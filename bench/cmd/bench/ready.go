package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"devstack/bench/figures"
)

// readyReplicas is how many greeters have to answer.
const readyReplicas = 3

// ready is the time from the start until greeters behind Consul are all there, for devstack
// also its own figure for the first successful RPC, and how long its graceful end takes.
func (b *bench) ready(ctx context.Context) ([]figures.Row, error) {
	var all, first, end figures.Samples
	const ours, theirs = "devstack up", "sdk/testutil, in sequence"
	for range b.rounds {
		s, err := b.up(ctx, "--replicas", fmt.Sprint(readyReplicas))
		if err != nil {
			return nil, err
		}
		all.Add(ours, millis(s.ready))
		first.Add(ours, s.firstRPC)
		took, err := s.stop()
		if err != nil {
			return nil, err
		}
		end.Add(ours, millis(took))
		took, err = b.sequence(ctx)
		if err != nil {
			return nil, fmt.Errorf("time until ready of %s: %w", theirs, err)
		}
		all.Add(theirs, millis(took))
	}
	return slices.Concat(
		first.Rows(fmt.Sprintf("exec → first RPC, %d replicas", readyReplicas), "ms", ours),
		all.Rows(fmt.Sprintf("all %d replicas ready", readyReplicas), "ms", ours),
		end.Rows("Ctrl-C → ended", "ms", ours)), nil
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }
