package main

import (
	"context"
	"fmt"
	"strconv"

	"devstack/bench/figures"
)

// closedLoop is how many calls a second each contender makes, as fast as the answers come,
// and the processor time that it takes for one: of a greeting, and of the standard health
// check, which is what fortio has compiled in.
func (b *bench) closedLoop(ctx context.Context) ([]figures.Row, error) {
	addr, stop, err := b.greeter(ctx, "--consul", "none")
	if err != nil {
		return nil, err
	}
	defer stop()
	all := []contender{b.bareLoop(), b.devstackLoad(), b.ghzLoad(), b.fortioLoad()}
	var rows []figures.Row
	for _, workers := range []int{1, 10, 50} {
		some, err := b.race(ctx, fmt.Sprintf("closed loop, concurrency %d", workers), all, task{addr: addr, workers: workers})
		if err != nil {
			return rows, err
		}
		rows = append(rows, some...)
	}
	some, err := b.race(ctx, "closed loop, concurrency 10, health check",
		[]contender{b.devstackLoad(), b.fortioLoad()}, task{addr: addr, workers: 10, check: true})
	return append(rows, some...), err
}

// race lets contenders take turns at one task.
func (b *bench) race(ctx context.Context, what string, cs []contender, t task) ([]figures.Row, error) {
	var rates, processor figures.Samples
	for round := range b.rounds {
		for _, c := range rotated(cs, round) {
			idle, err := b.idle(ctx, c, t)
			if err != nil {
				return nil, err
			}
			o, err := b.try(ctx, c, t, idle)
			if err != nil {
				return nil, err
			}
			rates.Add(c.name, o.rate)
			processor.Add(c.name, float64(o.cpu)/1e3)
		}
	}
	return append(rates.Rows(what, "RPC/s", nameDevstack), processor.Rows(what+", processor", "µs/RPC", nameDevstack)...), nil
}

// openWorkers is what others may use to keep a rate; devstack's default is 1024.
const openWorkers = 200

// openLoop is how exactly each contender keeps a rate: answered calls a second, in percent
// of what was asked for.
func (b *bench) openLoop(ctx context.Context) ([]figures.Row, error) {
	addr, stop, err := b.greeter(ctx, "--consul", "none")
	if err != nil {
		return nil, err
	}
	defer stop()
	var rows []figures.Row
	for _, rate := range []int{1000, 5000, 10000} {
		var kept figures.Samples
		for round := range b.rounds {
			for _, c := range rotated([]contender{b.devstackLoad(), b.ghzLoad(), b.fortioLoad()}, round) {
				t := task{addr: addr, workers: openWorkers, rate: strconv.Itoa(rate)}
				o, err := b.try(ctx, c, t, 0)
				if err != nil {
					return rows, err
				}
				kept.Add(c.name, 100*o.rate/float64(rate))
			}
		}
		rows = append(rows, kept.Rows(fmt.Sprintf("open loop, %d RPC/s wanted", rate), "% kept", nameDevstack)...)
	}
	return rows, nil
}
