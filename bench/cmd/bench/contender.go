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
	path string
	// args says what to call, how often, and when to end.
	args func(t task, end end) []string
	read func([]byte) (calls float64, seconds float64, err error)
}

// task is what every contender is asked to do.
type task struct {
	addr    string
	workers int
	rate    string // RPC/s; "" is as fast as the answers come
	check   bool   // the standard health check instead of a greeting
}

// end is after so many calls, or after a time.
type end struct {
	calls int
	after time.Duration
}

const (
	nameBare     = "bare loop"
	nameDevstack = "devstack load"
	nameGhz      = "ghz v0.120.0"
	nameFortio   = "fortio v1.75.3"

	healthMethod = "grpc.health.v1.Health/Check"
	greetMethod  = "helloworld.Greeter/SayHello"
	greeting     = `{"name":"devstack"}`
)

func (b *bench) bareLoop() contender {
	return contender{name: nameBare, path: b.bare, read: readCounts, args: func(t task, e end) []string {
		return append([]string{"-target", t.addr, "-workers", strconv.Itoa(t.workers)}, e.flags("-count", "-duration")...)
	}}
}

func (b *bench) devstackLoad() contender {
	return contender{name: nameDevstack, path: b.devstack, read: readCounts, args: func(t task, e end) []string {
		args := []string{"load", "--target", t.addr, "--format", "json", "--no-record"}
		if t.rate != "" {
			args = append(args, "--rate", t.rate)
		} else {
			args = append(args, "--rate", "max", "--concurrency", strconv.Itoa(t.workers))
		}
		if t.check {
			args = append(args, "--method", healthMethod)
		}
		return append(args, e.flags("--count", "--duration")...)
	}}
}

// ghzLoad is on one connection, as all are.
func (b *bench) ghzLoad() contender {
	return contender{name: nameGhz, path: b.ghz, read: readGhz, args: func(t task, e end) []string {
		args := []string{"--insecure", "--call", "helloworld.Greeter.SayHello", "-d", greeting, "-t", "1s",
			"--connections", "1", "-c", strconv.Itoa(t.workers), "-O", "json"}
		if t.rate != "" {
			args = append(args, "--rps", t.rate)
		}
		return append(append(args, e.flags("-n", "-z")...), t.addr)
	}}
}

func (b *bench) fortioLoad() contender {
	return contender{name: nameFortio, path: b.fortio, read: readCounts, args: func(t task, e end) []string {
		args := []string{"-target", t.addr, "-workers", strconv.Itoa(t.workers)}
		if t.rate != "" {
			args = append(args, "-rate", t.rate)
		}
		if !t.check { // what it has compiled in is the health check
			args = append(args, "-method", greetMethod, "-data", greeting)
		}
		return append(args, e.flags("-count", "-duration")...)
	}}
}

func (e end) flags(count, duration string) []string {
	if e.calls > 0 {
		return []string{count, strconv.Itoa(e.calls)}
	}
	return []string{duration, e.after.String()}
}

func readCounts(out []byte) (float64, float64, error) {
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
func (b *bench) try(ctx context.Context, c contender, t task, idle time.Duration) (outcome, error) {
	out, cpu, err := b.measure(ctx, c.path, c.args(t, end{after: b.each})...)
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
func (b *bench) idle(ctx context.Context, c contender, t task) (time.Duration, error) {
	_, cpu, err := b.measure(ctx, c.path, c.args(t, end{calls: t.workers})...)
	return cpu, err
}

// rotated is cs beginning with another one in each round.
func rotated(cs []contender, round int) []contender {
	n := round % len(cs)
	return append(append([]contender{}, cs[n:]...), cs[:n]...)
}
