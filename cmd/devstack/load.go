package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/load"
	"devstack/timeline"
)

const loadHelp = `Calls start when they are due, whatever became of those before them, so a pause of the server shows
in the latency instead of hiding as calls that were never made. --rate max keeps --concurrency workers
busy instead. Ctrl-C prints what was measured.
Without --method it greets; with it, any unary method of a server that has reflection.
Exit status: 0 some call succeeded, 1 none did, 2 usage, 130 interrupted.`

func loadCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "load", Usage: "make calls at a steady rate and say honestly what became of them",
		Description: loadHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "target", Value: "consul:///greeter", Usage: "`TARGET` to call: consul://host:port/service or host:port"},
			&cli.StringFlag{Name: "rate", Value: "100", Usage: "`RPCS` per second, or max"},
			&cli.DurationFlag{Name: "duration", Value: 10 * time.Second, Usage: "time to make calls in (0, or --count alone: no bound)"},
			&cli.Uint64Flag{Name: "count", Usage: "`N` calls to make (0: no bound)"},
			&cli.IntFlag{Name: "concurrency", Usage: "`N` calls at any time with --rate max, at most with another rate", DefaultText: "10, 1024"},
			&cli.IntFlag{Name: "connections", Value: 1, Usage: "`N` channels that take turns"},
			&cli.DurationFlag{Name: "deadline", Value: load.DefaultDeadline, Usage: "of each call, from when it is sent"},
			&cli.IntFlag{Name: "payload", Usage: "`BYTES` in each greeting's name"},
			&cli.StringFlag{Name: "method", Usage: "unary `METHOD` to call, as pkg.Service/Method"},
			&cli.StringFlag{Name: "data", Usage: "request of --method as `JSON`, or @FILE"},
			&cli.StringFlag{Name: "ramp", Usage: "go from one rate to another over --duration, as `FROM:TO`, instead of --rate"},
			&cli.StringFlag{Name: "steps", Usage: "one rate after another, as `RATE:TIME,…`, instead of --rate"},
			&cli.BoolFlag{Name: "poisson", Usage: "random gaps, --rate on average, as calls of many independent users have"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of --poisson"},
			&cli.StringFlag{Name: "policy", Value: "round_robin", Usage: "balancing `POLICY`"},
			&cli.StringFlag{Name: "format", Value: formatPretty, Usage: "pretty, json (one object), ndjson (one a second, then the same object) or hdr (latency from due, for HdrHistogram tools)"},
			&cli.StringFlag{Name: "out", Value: timeline.DefaultRoot, Usage: "`DIR` that run folders are made in"},
			&cli.BoolFlag{Name: "no-record", Usage: "make no run folder"},
			&cli.BoolFlag{Name: "allow-remote", Usage: "call a target that is not this machine"},
		},
		Action: func(c *cli.Context) error { return runLoad(c, std) },
	}
}

func runLoad(c *cli.Context, std streams) error {
	plan, err := newLoadPlan(c)
	if err != nil {
		return err
	}
	ctx, refuse := context.WithCancelCause(c.Context)
	defer refuse(nil)
	channels, err := plan.dial(refuse)
	if err != nil {
		return err
	}
	defer channels.close()
	ctx, release := interrupts(ctx, channels.close)
	defer release()
	call, err := channels.ready(ctx, plan)
	if err != nil {
		return loadError(ctx, err)
	}
	defer collectLess()()
	m, err := measure(ctx, plan, call, std)
	if m.metrics == nil {
		return err
	}
	if printed := printLoad(std.out, plan.format, m); printed != nil {
		err = errors.Join(err, fmt.Errorf("print what was measured: %w", printed))
	}
	if err != nil {
		return err
	}
	return loadStatus(ctx, m)
}

// loadError is why no call was made.
func loadError(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return &exit{status: exitInterrupted, err: errors.New("interrupted before the first call")}
	}
	if said := (*exit)(nil); errors.As(context.Cause(ctx), &said) || errors.As(err, &said) {
		return said
	}
	return &exit{status: exitFailed, err: err, hint: "start something to call: devstack up, or devstack greeter serve"}
}

// loadStatus is how the program ends once everything was printed.
func loadStatus(ctx context.Context, m measured) error {
	said := (*exit)(nil)
	switch {
	case errors.Is(context.Cause(ctx), errInterrupted):
		return &exit{status: exitInterrupted}
	case errors.As(context.Cause(ctx), &said):
		return said
	case m.snap.OK == 0:
		return &exit{status: exitFailed, err: errors.New("no call succeeded")}
	}
	return nil
}
