package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/control"
)

func waitCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "wait", Usage: "wait until a stack is ready, steady or healed",
		Description: "ready: it answers. steady: in the last second calls succeeded, none failed, and they went\nevenly to the replicas that are picked.\nhealed: nothing is injected, and every replica runs, passes its check and is picked.\nThe stack may still have to come: devstack up & devstack wait",
		Flags: remoteFlags(
			&cli.StringFlag{Name: "for", EnvVars: []string{"DEVSTACK_WAIT_FOR"}, Value: control.Ready, Usage: "`WHAT` to wait for: ready, steady or healed"},
			&cli.DurationFlag{Name: "timeout", EnvVars: []string{"DEVSTACK_WAIT_TIMEOUT"}, Value: 30 * time.Second, Usage: "after which it fails with status 1"}),
		Action: func(c *cli.Context) error {
			if err := errors.Join(noArgs(c), oneOf("for", c.String("for"), control.Conditions())); err != nil {
				return err
			}
			return wait(c, std)
		},
	}
}

// wait asks again and again. Until the limit it takes nothing for an answer, not even that
// there is no stack; two of them are a mistake at once.
func wait(c *cli.Context, std streams) error {
	condition, limit := c.String("for"), c.Duration("timeout")
	ctx, cancel := context.WithTimeout(c.Context, limit)
	defer cancel()
	known := "" // what was missing when somebody last answered
	for {
		missing, err := missingNow(ctx, c, condition)
		if errors.Is(err, context.DeadlineExceeded) && known != "" {
			missing, err = known, nil // the limit came while it was asked again
		}
		known = missing
		if e, ok := errors.AsType[*exit](err); ok && e.status == exitUsage {
			return err
		}
		if err == nil && missing == "" {
			fmt.Fprintln(std.out, condition)
			return nil
		}
		if pause(ctx, 50*time.Millisecond); ctx.Err() == nil {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for %s for %s: %w", condition, limit, err)
		}
		return &exit{status: exitFailed, err: fmt.Errorf("not %s within %s: %s", condition, limit, missing), hint: "devstack status"}
	}
}

func missingNow(ctx context.Context, c *cli.Context, condition string) (string, error) {
	client, err := connect(c)
	if err != nil {
		return "", err
	}
	defer client.Close()
	s, err := client.Status(ctx)
	if err != nil {
		return "", remoteError(err)
	}
	return s.Missing(condition), nil
}
