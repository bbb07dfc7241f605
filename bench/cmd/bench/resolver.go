package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"devstack/bench/figures"
)

// resolver is how long a change in Consul takes to reach the channel, and what resolvers
// ask of a Consul that does not behave.
func (b *bench) resolver(ctx context.Context) ([]figures.Row, error) {
	return b.rowsOf(ctx, b.following, "-rounds", strconv.Itoa(b.rounds))
}

// failover is what a SIGKILL costs clients that differ only in their resolver, over many
// kills, as distributions.
func (b *bench) failover(ctx context.Context) ([]figures.Row, error) {
	return b.rowsOf(ctx, b.failing, "-devstack", b.devstack, "-dir", b.dir, "-kills", strconv.Itoa(b.kills))
}

// rowsOf runs a program that prints rows.
func (b *bench) rowsOf(ctx context.Context, path string, args ...string) ([]figures.Row, error) {
	out, _, err := b.measure(ctx, path, args...)
	if err != nil {
		return nil, err
	}
	var rows []figures.Row
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, fmt.Errorf("read what %s measured: %w", path, err)
	}
	return rows, nil
}
