package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/timeline"
)

func logsCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "logs", Usage: "print what a replica or Consul writes, or with --run what it wrote", ArgsUsage: "NAME",
		Flags: remoteFlags(
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on until the run is over"},
			&cli.IntFlag{Name: "lines", Aliases: []string{"n"}, Value: 50, Usage: "the last `N` lines, -1 for all"}),
		Action: func(c *cli.Context) error {
			name, err := oneArg(c, "name of a replica, or consul")
			if err != nil {
				return err
			}
			past, err := pastRun(c)
			if err != nil {
				return err
			}
			if past != "" {
				path, err := logPath(past, name)
				if err != nil {
					return remoteError(err)
				}
				return tail(c.Context, std, nil, path, c.Int("lines"), false)
			}
			return withClient(c, func(ctx context.Context, client *control.Client) error {
				path, err := client.LogPath(ctx, name)
				if err != nil {
					return err
				}
				return tail(ctx, std, client, path, c.Int("lines"), c.Bool("follow"))
			})
		},
	}
}

// tail prints the last lines of path and, with follow, what is added until the run of client ends.
func tail(ctx context.Context, std streams, client *control.Client, path string, lines int, follow bool) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer file.Close()
	all, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	if _, err := std.out.Write(lastLines(all, lines)); err != nil || !follow {
		return err
	}
	ctx, over := context.WithCancel(ctx)
	ending := make(chan error, 1)
	go func() { ending <- untilTheEnd(ctx, client); over() }()
	for ctx.Err() == nil && err == nil {
		_, err = io.Copy(std.out, file)
		pause(ctx, 100*time.Millisecond)
	}
	over()
	if end := <-ending; err == nil {
		_, last := io.Copy(std.out, file)
		err = errors.Join(end, last)
	}
	return err
}

// untilTheEnd returns when the run is over, or its devstack is gone.
func untilTheEnd(ctx context.Context, client *control.Client) error {
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	return client.Events(ctx, s.Seq, true, func(timeline.Event) error { return nil })
}

// lastLines are the last n lines of b, all of them when n is negative.
func lastLines(b []byte, n int) []byte {
	if n < 0 {
		return b
	}
	at := len(b)
	if at > 0 && b[at-1] == '\n' {
		at--
	}
	for ; n > 0 && at >= 0; n-- {
		at = bytes.LastIndexByte(b[:at], '\n')
	}
	if at == len(b) || at == len(b)-1 {
		return nil
	}
	return b[at+1:]
}
