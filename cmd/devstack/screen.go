package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/timeline"
	"devstack/view"
	screen "devstack/view/terminal"
)

func asciiFlag() cli.Flag {
	return &cli.BoolFlag{Name: "ascii", Usage: "draw the full-screen view with ASCII only"}
}

func plainFlag() cli.Flag {
	return &cli.BoolFlag{Name: "plain", Usage: "lines of text instead of the full-screen view, on a terminal too"}
}

// canDraw reports whether a person is at a terminal that can be drawn on.
func canDraw(std streams) bool {
	name := os.Getenv("TERM")
	return name != "" && name != "dumb" && isTerminal(std.in) && isTerminal(std.out)
}

// wantsScreen chooses between the full-screen view and lines, before anything starts.
func wantsScreen(c *cli.Context, std streams) bool {
	return c.String("format") == formatPretty && !c.Bool("plain") && canDraw(std)
}

// screenConfig is what every use of the full-screen view shares.
func screenConfig(c *cli.Context, std streams, keys []screen.Key) screen.Config {
	cfg := screen.Config{ASCII: c.Bool("ascii"), Keys: keys}
	if colourful(std.out) {
		cfg.Colour = screen.Colour16
		if term := os.Getenv("COLORTERM"); term == "truecolor" || term == "24bit" {
			cfg.Colour = screen.TrueColour
		}
	}
	return cfg
}

// drawScreen draws s on the terminal until its record ends, then calls after with the
// last picture. While it draws, what this process writes to its standard error goes to the
// run folder. Without the screen nobody could see the run or end it with a key, so a screen
// that fails ends the run.
func drawScreen(std streams, s *session, cfg screen.Config, after func(*view.State)) {
	cfg.Quit = interruptSelf
	s.follow(func(ctx context.Context) error {
		back, err := divertStderr(filepath.Join(s.Dir, timeline.LogsDir, "devstack.log"))
		if err != nil {
			interruptSelf()
			return fmt.Errorf("keep standard error off the screen: %w", err)
		}
		state, err := screen.Run(ctx, cfg, s.Log, std.in, std.out)
		err = errors.Join(err, back())
		if err != nil {
			interruptSelf()
		}
		after(state)
		return err
	})
}

// interruptSelf is Ctrl-C: a terminal in raw mode hands the key over instead of the signal.
func interruptSelf() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		p.Signal(os.Interrupt) // to this very process, which handles it: cannot fail
	}
}

// showUp draws a stack that keys may break.
func showUp(c *cli.Context, std streams, s *session, l *lab) {
	cfg := screenConfig(c, std, screen.LiveKeys())
	cfg.Controls = labKeys{l}
	drawScreen(std, s, cfg, func(state *view.State) {
		events := s.Log.Events()
		screen.Summary(std.out, state, events, colourful(std.out))
		for _, e := range events[max(0, len(events)-100):] {
			if ended, ok := timeline.Payload[timeline.Ended](e); ok && e.Type == timeline.RunEnded {
				view.Farewell(std.out, ended, e.T, shown(s.Dir))
			}
		}
	})
}

// labKeys is the lab as keys reach it, on the way that other terminals take.
type labKeys struct{ *lab }

func (k labKeys) Inject(ctx context.Context, kind, replica string, limit time.Duration) error {
	_, err := k.lab.Inject(ctx, control.Fault{Kind: kind, Targets: []string{replica}, Owner: "by hand (key)", For: limit})
	return err
}

func (k labKeys) SetRate(_ context.Context, rate float64) error { return k.lab.SetRate(rate) }

// watch is a scenario on the screen: it draws, and asks for the next step there.
type watch struct {
	c    *cli.Context
	std  streams
	log  *timeline.Log
	next chan struct{}
}

func newWatch(c *cli.Context, std streams) *watch {
	return &watch{c: c, std: std, next: make(chan struct{}, 1)}
}

// checkWatch refuses what cannot be watched.
func checkWatch(c *cli.Context, std streams) error {
	switch {
	case !c.Bool("watch"):
		return nil
	case c.String("format") != formatPretty:
		return usage("", "--watch draws on the terminal and --format %s prints: choose one", c.String("format"))
	case c.Bool("predict") && c.String("dashboard") == dashboardOff:
		return usage("--dashboard "+dashboardAddr, "--predict asks line by line and --watch has no lines; the dashboard can ask instead")
	case !canDraw(std):
		return usage("leave --watch out", "--watch needs a terminal")
	}
	return nil
}

func (w *watch) show(s *session) {
	w.log = s.Log
	cfg := screenConfig(w.c, w.std, screen.WatchKeys())
	cfg.Next = func() {
		select {
		case w.next <- struct{}{}:
		default:
		}
	}
	drawScreen(w.std, s, cfg, func(state *view.State) {
		screen.Summary(w.std.out, state, s.Log.Events(), colourful(w.std.out))
	})
}

// gate waits for the key, and says so in the record.
func (w *watch) gate(ctx context.Context, step string) error {
	w.tell(timeline.ScenarioGateWaiting, "waiting before "+step, step)
	select {
	case <-w.next:
		w.tell(timeline.ScenarioGatePassed, "on to "+step, step)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *watch) tell(t timeline.Type, msg, step string) {
	w.log.Append(timeline.Event{Type: t, Src: "user", Msg: msg, D: timeline.Gate{For: strings.TrimSpace("step " + step)}})
}
