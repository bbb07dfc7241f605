package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/timeline"
	"devstack/view"
	screen "devstack/view/terminal"
)

func replayCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "replay", Usage: "play a recorded run again, as it was drawn", ArgsUsage: "RUN",
		Description: "RUN is a run folder, or a unique part of its name; \"latest\" is the last run.\n" +
			"Keys: space pauses, the arrows seek, < and > change the speed, . steps from event to event.",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "speed", Value: 1, Usage: "`TIMES` as fast as it was; --plain prints all at once unless this is given"},
			&cli.Float64Flag{Name: "from", Usage: "begin at this `SECOND` of the run"},
			&cli.BoolFlag{Name: "watch", Usage: "full screen, or an error where there is no terminal (default: full screen on a terminal)"},
			plainFlag(), asciiFlag(),
			&cli.StringFlag{Name: "out", Value: timeline.DefaultRoot, Usage: "`DIR` that run folders are in"},
		},
		Action: func(c *cli.Context) error { return replay(c, std) },
	}
}

func replay(c *cli.Context, std streams) error {
	if c.NArg() != 1 {
		return usage("devstack replay latest", "replay takes one run, but got %q", c.Args().Slice())
	}
	if s := c.Float64("speed"); s < screen.MinSpeed || s > screen.MaxSpeed {
		return usage("devstack replay latest --speed 4", "--speed: %v is not in %v to %v", s, screen.MinSpeed, screen.MaxSpeed)
	}
	if c.Float64("from") < 0 {
		return usage("", "--from: %v is before the run", c.Float64("from"))
	}
	if c.Bool("watch") && (c.Bool("plain") || !canDraw(std)) {
		return usage("devstack replay RUN --plain", "--watch needs a terminal, and no --plain")
	}
	dir, err := runFolder(c.String("out"), c.Args().First())
	if err != nil {
		return err
	}
	if err := refuseLoad(dir, "replay", "that of a scenario or of up"); err != nil {
		return err
	}
	events, err := readRecord(dir)
	if err != nil {
		return err
	}
	if c.Bool("plain") || !canDraw(std) {
		return replayLines(c, std, events)
	}
	return replayScreen(c, std, events)
}

// readRecord reads a run's events. A record that was cut short is good up to there.
func readRecord(dir string) ([]timeline.Event, error) {
	file, err := os.Open(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		return nil, usage("devstack replay latest", "%s holds no record: %w", shown(dir), err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil && !errors.Is(err, timeline.ErrTruncated) {
		return nil, fmt.Errorf("read the record in %s: %w", shown(dir), err)
	}
	if len(events) == 0 {
		return nil, usage("devstack replay latest", "the record in %s is empty", shown(dir))
	}
	return events, nil
}

func replayScreen(c *cli.Context, std streams, events []timeline.Event) error {
	cfg := screenConfig(c, std, screen.ReplayKeys())
	cfg.Player = screen.NewPlayer(events, c.Float64("speed"), c.Float64("from"))
	ctx, release := interrupts(c.Context, func() {})
	defer release()
	state, err := screen.Run(ctx, cfg, nil, std.in, std.out)
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return &exit{status: exitInterrupted}
	}
	if err != nil {
		return err
	}
	played := min(uint64(len(events)), state.Seq)
	screen.Summary(std.out, state, events[:played], colourful(std.out))
	return nil
}

// replayLines prints the lines that the run printed, at the pace that was asked for.
func replayLines(c *cli.Context, std streams, events []timeline.Event) error {
	ctx, release := interrupts(c.Context, func() {})
	defer release()
	plain := view.NewPlain(paper(std.out), colourful(std.out), 5)
	begin, from := time.Now(), c.Float64("from")
	for _, e := range events {
		if e.T < from {
			continue
		}
		if c.IsSet("speed") {
			due := begin.Add(time.Duration((e.T - from) / c.Float64("speed") * float64(time.Second)))
			if !sleepUntil(ctx, due) {
				return &exit{status: exitInterrupted}
			}
		}
		plain.Add(e)
	}
	return nil
}

// sleepUntil reports whether due came before the end of ctx.
func sleepUntil(ctx context.Context, due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
