package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/stack"
	"devstack/timeline"
	"devstack/view/web"
)

const (
	dashboardAddr = "127.0.0.1:7777" // when nobody names one
	dashboardOff  = "off"
)

func dashboardFlag(value string) cli.Flag {
	return &cli.StringFlag{Name: "dashboard", Value: value,
		Usage: "`ADDR` of the web dashboard, or off; other than loopback, it only shows, and asks for the token in its URL"}
}

// checkDashboard refuses an address that is none.
func checkDashboard(c *cli.Context) error {
	addr := c.String("dashboard")
	if addr == dashboardOff {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usage("--dashboard "+dashboardAddr, "--dashboard: %q is neither host:port nor off", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return usage("--dashboard "+dashboardAddr, "--dashboard: %q is not a port", port)
	}
	return nil
}

// listenDashboard opens the dashboard's address, nil for off. An address that nobody named
// gives way to a free port when it is taken.
func listenDashboard(c *cli.Context) (net.Listener, error) {
	addr := c.String("dashboard")
	if addr == dashboardOff {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil && !c.IsSet("dashboard") {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, &exit{status: exitStack, err: fmt.Errorf("open the dashboard: %w", err), hint: "--dashboard 127.0.0.1:0, or --dashboard off"}
	}
	return l, nil
}

// labButtons is the lab as the dashboard's buttons reach it, on the way that other
// terminals take.
type labButtons struct{ *lab }

func (b labButtons) Do(ctx context.Context, a web.Action) (any, error) {
	targets := a.Targets
	if a.Target != "" {
		targets = append(targets, a.Target)
	}
	r, err := control.Perform(ctx, b.lab, control.Action{
		Do: control.Verb(a.Do), By: "dashboard", Kind: a.Kind, Targets: targets, Args: a.Args, For: a.For, ID: a.ID, N: a.N, Rate: a.Rate,
	})
	if e, ok := errors.AsType[*control.Error](err); ok {
		return nil, &web.Refusal{Status: refusals[e.Kind], Msg: e.Msg, Hint: e.Hint}
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

var refusals = map[control.Kind]int{
	control.Usage: http.StatusBadRequest, control.NotFound: http.StatusNotFound, control.Broken: http.StatusInternalServerError,
}

// serveUp shows a stack that buttons may break, and returns the dashboard, nil for off.
func serveUp(c *cli.Context, s *session, l *lab, told *stories) (*web.Server, error) {
	listener, err := listenDashboard(c)
	if listener == nil || err != nil {
		return nil, err
	}
	return web.Serve(listener, web.Config{Log: s.Log, Controls: labButtons{l}, Kinds: stack.Kinds(), Stories: told}), nil
}

// showInBrowser gives a scenario a dashboard, when the flags ask for one: it shows, and the
// story waits there for its next step and for predictions. Call hide after the run.
func showInBrowser(c *cli.Context, std streams, r *runner) (hide func() error, err error) {
	listener, err := listenDashboard(c)
	if listener == nil || err != nil {
		return func() error { return nil }, err
	}
	var server *web.Server
	show := r.show
	r.dashboard = "http://" + listener.Addr().String() + "/" // without a token: it is for the record
	r.show = func(s *session) {
		server = web.Serve(listener, web.Config{Log: s.Log})
		if c.String("format") == formatPretty && !c.Bool("watch") {
			fmt.Fprintf(std.out, "    dashboard: %s\n", server.URL())
		}
		if c.Bool("step") || c.Bool("predict") {
			server.Narrate()
		}
		if show != nil {
			show(s)
		}
	}
	r.story(c, func() *web.Server { return server })
	return func() error {
		if server == nil {
			return listener.Close()
		}
		return server.Close()
	}, nil
}

// story moves the places where a run waits from the terminal to the dashboard.
func (r *runner) story(c *cli.Context, server func() *web.Server) {
	if c.Bool("step") {
		r.gate = func(ctx context.Context, step string) error { return server().Gate(ctx, step) }
	}
	if c.Bool("predict") {
		r.predict = func(ctx context.Context, p timeline.Prediction) (string, error) { return server().Predict(ctx, p) }
	}
}
