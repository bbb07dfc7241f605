package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// contender is one load generator.
type contender struct {
	name string
	args func(addr string, workers int, rate string, bound ...string) []string
	path string
	read func([]byte) (calls float64, seconds float64, err error)
	// counted and timed are its flags for so many calls and so much time.
	counted, timed func(string) []string
}

func flagged(name string) func(string) []string {
	return func(v string) []string { return []string{name, v} }
}

func (b *bench) contenders() (bare, devstack, ghz contender) {
	bare = contender{name: "bare loop", path: b.bare, read: readBare, counted: flagged("-count"), timed: flagged("-duration"),
		args: func(addr string, workers int, _ string, bound ...string) []string {
			return append([]string{"-target", addr, "-workers", strconv.Itoa(workers)}, bound...)
		}}
	devstack = contender{name: "devstack load", path: b.devstack, read: readDevstack, counted: flagged("--count"), timed: flagged("--duration"),
		args: func(addr string, workers int, rate string, bound ...string) []string {
			args := []string{"load", "--target", addr, "--format", "json", "--no-record", "--rate", "max"}
			if rate != "" {
				args[len(args)-1] = rate
			} else {
				args = append(args, "--concurrency", strconv.Itoa(workers))
			}
			return append(args, bound...)
		}}
	ghz = contender{name: "ghz v0.120.0", path: b.ghz, read: readGhz, counted: flagged("-n"), timed: flagged("-z"),
		args: func(addr string, workers int, rate string, bound ...string) []string {
			args := []string{"--insecure", "--call", "helloworld.Greeter.SayHello", "-d", `{"name":"devstack"}`, "-t", "1s",
				"--connections", "1", "-c", strconv.Itoa(workers), "-O", "json"}
			if rate != "" {
				args = append(args, "--rps", rate)
			}
			return append(append(args, bound...), addr)
		}}
	return bare, devstack, ghz
}

func readBare(out []byte) (float64, float64, error) {
	var r struct{ OK, Seconds float64 }
	err := json.Unmarshal(out, &r)
	return r.OK, r.Seconds, err
}

func readDevstack(out []byte) (float64, float64, error) {
	var r struct{ OK, Seconds float64 }
	err := json.Unmarshal(out, &r)
	return r.OK, r.Seconds, err
}

func readGhz(out []byte) (float64, float64, error) {
	var r struct {
		Total int64              `json:"total"`
		Codes map[string]float64 `json:"statusCodeDistribution"`
	}
	err := json.Unmarshal(out, &r)
	return r.Codes["OK"], time.Duration(r.Total).Seconds(), err
}

// outcome is one run of a contender.
type outcome struct {
	rate float64       // calls that succeeded a second
	cpu  time.Duration // for each of them, the start of the process left out
}

// try runs c once. idle is the CPU time that it takes to start and make next to no calls.
func (b *bench) try(ctx context.Context, c contender, addr string, workers int, rate string, idle time.Duration) (outcome, error) {
	out, cpu, err := b.measure(ctx, c.path, c.args(addr, workers, rate, c.timed(b.each.String())...)...)
	if err != nil {
		return outcome{}, err
	}
	calls, seconds, err := c.read(out)
	if err != nil || calls == 0 || seconds == 0 {
		return outcome{}, fmt.Errorf("read what %s measured (%v calls in %v s): %w", c.name, calls, seconds, err)
	}
	return outcome{rate: calls / seconds, cpu: time.Duration(float64(cpu-idle) / calls)}, nil
}

// idle is the CPU time of a run that makes one call a worker.
func (b *bench) idle(ctx context.Context, c contender, addr string, workers int) (time.Duration, error) {
	_, cpu, err := b.measure(ctx, c.path, c.args(addr, workers, "", c.counted(strconv.Itoa(workers))...)...)
	return cpu, err
}

// rotated is cs beginning with another one in each round.
func rotated(cs []contender, round int) []contender {
	n := round % len(cs)
	return append(append([]contender{}, cs[n:]...), cs[:n]...)
}

// closedLoop is how many calls a second each contender makes, as fast as the answers come.
func (b *bench) closedLoop(ctx context.Context) ([]row, error) {
	addr, stop, err := b.greeter(ctx, "--consul", "none")
	if err != nil {
		return nil, err
	}
	defer stop()
	bare, devstack, ghz := b.contenders()
	cs := []contender{bare, devstack, ghz}
	var rows []row
	for _, workers := range []int{1, 10, 50} {
		rates, cpus := newSamples(), newSamples()
		for round := range b.rounds {
			for _, c := range rotated(cs, round) {
				idle, err := b.idle(ctx, c, addr, workers)
				if err != nil {
					return nil, err
				}
				o, err := b.try(ctx, c, addr, workers, "", idle)
				if err != nil {
					return nil, err
				}
				rates.add(c.name, o.rate)
				cpus.add(c.name, float64(o.cpu)/1e3)
			}
		}
		rows = append(rows, rates.rows(fmt.Sprintf("closed loop, concurrency %d", workers), "RPC/s", devstack.name)...)
		rows = append(rows, cpus.rows(fmt.Sprintf("closed loop, concurrency %d, CPU", workers), "µs/RPC", devstack.name)...)
	}
	return rows, nil
}

// openWorkers is what ghz may use to keep a rate; devstack's default is 1024.
const openWorkers = 200

// openLoop is how exactly each contender keeps a rate: answered calls a second, in percent
// of what was asked for.
func (b *bench) openLoop(ctx context.Context) ([]row, error) {
	addr, stop, err := b.greeter(ctx, "--consul", "none")
	if err != nil {
		return nil, err
	}
	defer stop()
	_, devstack, ghz := b.contenders()
	var rows []row
	for _, rate := range []float64{1000, 5000, 10000} {
		kept := newSamples()
		for round := range b.rounds {
			for _, c := range rotated([]contender{devstack, ghz}, round) {
				o, err := b.try(ctx, c, addr, openWorkers, strconv.Itoa(int(rate)), 0)
				if err != nil {
					return nil, err
				}
				kept.add(c.name, 100*o.rate/rate)
			}
		}
		rows = append(rows, kept.rows(fmt.Sprintf("open loop, %d RPC/s wanted", int(rate)), "% kept", devstack.name)...)
	}
	return rows, nil
}
