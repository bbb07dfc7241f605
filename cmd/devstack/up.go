package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/greeter"
	"devstack/stack"
	"devstack/timeline"
	"devstack/view"
)

func upCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "up", Usage: "start Consul, replicas and a client, and show what happens",
		Description: "Ctrl-C once stops everything in order; twice, at once.",
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "replicas", Value: stack.DefaultReplicas, Usage: "`N` greeter processes"},
			&cli.IntFlag{Name: "callers", Value: 1, Usage: "`N` clients that call the service, each with a channel, a resolver and a load of its own"},
			&cli.Float64Flag{Name: "rate", Value: stack.DefaultRate, Usage: "`RPCS` per second that each client makes, whatever becomes of them"},
			&cli.BoolFlag{Name: "links", Usage: "put links between client, Consul's checks and replicas, and between Consul's agents, that faults can break"},
			&cli.StringFlag{Name: "policy", Value: stack.DefaultPolicy, Usage: "balancing `POLICY` of the client"},
			&cli.StringFlag{Name: "check", Value: string(greeter.CheckGRPC), Usage: "health `CHECK`: grpc, ttl, http, tcp or none"},
			&cli.DurationFlag{Name: "interval", Value: greeter.DefaultInterval, Usage: "between health checks"},
			&cli.DurationFlag{Name: "timeout", Value: greeter.DefaultCheckTimeout, Usage: "of one health check"},
			&cli.DurationFlag{Name: "deadline", Value: stack.DefaultDeadline, Usage: "of each RPC"},
			&cli.DurationFlag{Name: "for", Usage: "stop after this time (0: at Ctrl-C)"},
			dashboardFlag(dashboardAddr), formatFlag(), plainFlag(), asciiFlag(),
		}, stackFlags()...),
		Action: func(c *cli.Context) error { return up(c, std) },
	}
}

func up(c *cli.Context, std streams) error {
	if c.Args().Present() {
		return usage("devstack up --help", "up takes no argument, but got %q", c.Args().First())
	}
	if err := errors.Join(checkFormat(c), checkStackFlags(c), checkDashboard(c)); err != nil {
		return err
	}
	path, err := self()
	if err != nil {
		return err
	}
	cfg := stack.Config{
		Self: path, Exec: execTime(),
		Replicas: c.Int("replicas"), Callers: c.Int("callers"), Rate: c.Float64("rate"), Deadline: c.Duration("deadline"), Policy: c.String("policy"),
		Check: greeter.CheckConfig{Kind: greeter.CheckKind(c.String("check")), Interval: c.Duration("interval"), Timeout: c.Duration("timeout")},
		Links: c.Bool("links"), Resolver: c.String("resolver"), Consul: consulFrom(c),
	}
	if err := cfg.Validate(); err != nil {
		return usage("devstack up --help", "%w", err)
	}
	s, err := newSession(c.String("out"), "up", started)
	if err != nil {
		return err
	}
	cfg.Dir, cfg.Timeline = s.Dir, s.Log
	l := newLab(c.Context, s)
	defer l.release()
	told, err := newRunner(c)
	if err != nil {
		return errors.Join(err, s.close())
	}
	tales := newStories(told)
	defer tales.close()
	dashboard, err := serveUp(c, s, l, tales)
	if err != nil {
		return errors.Join(err, s.close())
	}
	cfg.Dashboard = dashboard.URL()
	show(c, std, s, l)
	s.begin("up", settings(cfg), 0)
	server, err := control.Serve(s.Dir, l, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("open the control socket: %w", err), s.close(), dashboard.Close())
	}
	err = runUp(l, cfg, c.Duration("for"))
	tales.close()
	return errors.Join(err, s.close(), dashboard.Close(), server.Close())
}

// show draws the run on standard output in the chosen format.
func show(c *cli.Context, std streams, s *session, l *lab) {
	if wantsScreen(c, std) {
		showUp(c, std, s, l)
		return
	}
	switch c.String("format") {
	case formatNDJSON:
		s.ndjson(std.out)
	case formatJSON:
		r := &upResult{Run: filepath.Base(s.Dir), Dir: s.Dir}
		s.each(func(e timeline.Event) { r.add(std.out, e) })
	case formatPretty:
		plain := view.NewPlain(paper(std.out), colourful(std.out), 5)
		s.each(func(e timeline.Event) {
			if ready, ok := timeline.Payload[timeline.Ready](e); ok && e.Type == timeline.StackReady {
				view.Banner(std.out, ready, shown(s.Dir), colourful(std.out))
			}
			if ended, ok := timeline.Payload[timeline.Ended](e); ok && e.Type == timeline.RunEnded {
				view.Farewell(std.out, ended, e.T, shown(s.Dir))
			}
			plain.Add(e)
		})
	}
}

// upResult is the one object that a run of up comes to.
type upResult struct {
	Run     string          `json:"run"` // name of the folder
	Dir     string          `json:"dir"`
	Ready   timeline.Ready  `json:"ready"`
	Reason  string          `json:"reason"` // of its end
	Seconds float64         `json:"seconds"`
	Totals  timeline.Totals `json:"totals"`
}

// add takes what the object is made of from the events, and prints it when the run ends.
func (r *upResult) add(w io.Writer, e timeline.Event) {
	if ready, ok := timeline.Payload[timeline.Ready](e); ok && e.Type == timeline.StackReady {
		r.Ready = ready
	}
	if ended, ok := timeline.Payload[timeline.Ended](e); ok && e.Type == timeline.RunEnded {
		r.Reason, r.Seconds, r.Totals = ended.Reason, e.T, ended.Totals
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.Encode(r)
	}
}

// runUp keeps a stack up until it is told to stop. Ending by one Ctrl-C is a good end.
func runUp(l *lab, cfg stack.Config, limit time.Duration) error {
	ctx, release := interrupts(l.ctx, l.hurry)
	defer release()
	st, err := stack.Start(ctx, cfg)
	if err != nil {
		return startError(ctx, err)
	}
	l.open(st)
	defer st.Close()
	reason := waitFor(ctx, limit)
	l.retire()
	st.StopLoad()
	l.sess.Log.Append(timeline.Event{Type: timeline.RunEnded, Src: "devstack", Msg: "run ended: " + reason,
		D: timeline.Ended{Reason: reason, Totals: st.Totals()}})
	return nil
}

func waitFor(ctx context.Context, limit time.Duration) string {
	var over <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
		return fmt.Sprintf("after %s", limit)
	case <-ctx.Done():
	}
	if errors.Is(context.Cause(ctx), errDown) {
		return "devstack down"
	}
	return "interrupted"
}

// startError tells a start that was interrupted from one that could not be.
func startError(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return &exit{status: exitInterrupted, err: errors.New("interrupted while starting; everything is stopped again")}
	}
	return fmt.Errorf("start the stack: %w", err)
}

// settings are the knobs of a stack, for the record.
func settings(cfg stack.Config) map[string]string {
	consul := "linked in"
	if cfg.Consul.Bin != "" {
		consul = cfg.Consul.Bin
	}
	if cfg.Consul.Addr != "" {
		consul = "at " + cfg.Consul.Addr
	}
	return map[string]string{
		"replicas": fmt.Sprint(cfg.Replicas), "rate": fmt.Sprint(cfg.Rate), "policy": cfg.Policy, "check": string(cfg.Check.Kind),
		"interval": cfg.Check.Interval.String(), "timeout": cfg.Check.Timeout.String(), "deadline": cfg.Deadline.String(),
		"resolver": cfg.Resolver, "consul": consul,
	}
}
