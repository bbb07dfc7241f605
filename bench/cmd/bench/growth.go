package main

import (
	"context"
	"fmt"
	"time"

	"devstack/bench/figures"
)

// sizes are the stacks that growth looks at, in replicas.
var sizes = [...]int{3, 30, 100, 300}

const (
	settleFor = 2 * time.Second // after ready, until the start's garbage is gone
	watchFor  = 4 * time.Second // that processor time is counted in
)

// growth is what replicas cost: time until all are ready, memory and processor time of all
// processes, and how much of the memory one more replica takes.
func (b *bench) growth(ctx context.Context) ([]figures.Row, error) {
	const ours = "devstack up"
	var ready, memory, processor [len(sizes)]figures.Samples
	var extra figures.Samples
	for range b.rounds {
		var held [len(sizes)]float64
		for i, n := range sizes {
			s, err := b.up(ctx, "--replicas", fmt.Sprint(n))
			if err != nil {
				return nil, fmt.Errorf("%d replicas: %w", n, err)
			}
			cost, err := costOf(ctx, s.cmd.Process.Pid)
			if _, stopped := s.stop(); err == nil {
				err = stopped
			}
			if err != nil {
				return nil, fmt.Errorf("%d replicas: %w", n, err)
			}
			held[i] = cost.megabytes
			ready[i].Add(ours, s.ready.Seconds())
			memory[i].Add(ours, cost.megabytes)
			processor[i].Add(ours, cost.percent)
		}
		first, last := 0, 2 // from 3 to 100
		extra.Add(ours, (held[last]-held[first])/float64(sizes[last]-sizes[first]))
	}
	var rows []figures.Row
	for i, n := range sizes {
		rows = append(rows, ready[i].Rows(fmt.Sprintf("exec → all of %d replicas ready", n), "s", ours)...)
	}
	for i, n := range sizes {
		rows = append(rows, memory[i].Rows(fmt.Sprintf("memory of all processes, %d replicas", n), "MB", ours)...)
	}
	rows = append(rows, extra.Rows(fmt.Sprintf("memory for one more replica, %d to %d", sizes[0], sizes[2]), "MB", ours)...)
	for i, n := range sizes {
		rows = append(rows, processor[i].Rows(fmt.Sprintf("processor of all processes, %d replicas, 30 RPC/s", n), "% of a core", ours)...)
	}
	return rows, nil
}

// cost is what a process and its children take.
type cost struct {
	megabytes float64 // proportional set size: a page that n processes share counts as 1/n in each
	percent   float64 // of one core
}

// costOf looks at pid and its children once they have settled.
func costOf(ctx context.Context, pid int) (cost, error) {
	if err := sleep(ctx, settleFor); err != nil {
		return cost{}, err
	}
	before, begin, err := spentBy(pid)
	if err != nil {
		return cost{}, err
	}
	if err := sleep(ctx, watchFor); err != nil {
		return cost{}, err
	}
	after, end, err := spentBy(pid)
	if err != nil {
		return cost{}, err
	}
	bytes, err := memoryOf(pid)
	return cost{megabytes: float64(bytes) / 1e6, percent: 100 * (after - before).Seconds() / end.Sub(begin).Seconds()}, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
