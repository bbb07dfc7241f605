package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/control"
)

func downCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "down", Usage: "stop a running stack, and wait for its end",
		Flags: remoteFlags(
			&cli.BoolFlag{Name: "now", Usage: "kill instead of asking"},
			&cli.DurationFlag{Name: "timeout", EnvVars: []string{"DEVSTACK_DOWN_TIMEOUT"}, Value: 30 * time.Second, Usage: "for the end"}),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return withClient(c, func(ctx context.Context, client *control.Client) error {
				return down(ctx, std, client, c.Bool("now"), c.Duration("timeout"))
			})
		},
	}
}

func down(ctx context.Context, std streams, client *control.Client, now bool, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	if _, err := client.Do(ctx, control.Action{Do: control.Stop, By: terminal, Now: now}); err != nil {
		return err
	}
	for !processGone(s.PID) {
		if ctx.Err() != nil {
			return &exit{status: exitStack, hint: "devstack down --now",
				err: fmt.Errorf("the stack of %s (pid %d) has not ended within %s", s.Run, s.PID, limit)}
		}
		pause(ctx, 10*time.Millisecond)
	}
	fmt.Fprintf(std.out, "stopped; the record is in %s\n", shown(s.Dir))
	return nil
}

// pause waits for d, or for the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
