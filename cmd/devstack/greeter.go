package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/urfave/cli/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter"
	"devstack/load"
	"devstack/resolver"
	"devstack/stack/proc"
)

func greeterCommand(std streams) *cli.Command {
	c := &cli.Command{
		Name: "greeter", Usage: "one replica on its own, or one call to it",
		Subcommands: []*cli.Command{greeterServe(), greeterCall(std), greeterRoute()},
	}
	c.Action = func(ctx *cli.Context) error { return unknownSubcommand(ctx, c) }
	return c
}

// unknownSubcommand is the action of a command that only has subcommands.
func unknownSubcommand(ctx *cli.Context, c *cli.Command) error {
	if !ctx.Args().Present() {
		return cli.ShowSubcommandHelp(ctx)
	}
	var names []string
	for _, sub := range c.Subcommands {
		names = append(names, sub.Names()...)
	}
	prefix := "devstack " + c.Name + " "
	return usage(didYouMean(ctx.Args().First(), names, prefix, prefix+"--help"), "unknown command %q of devstack %s", ctx.Args().First(), c.Name)
}

func greeterServe() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "run one replica, which registers itself with any Consul once it serves",
		Description: "Stops in the right order on Ctrl-C or SIGTERM: deregister, settle, drain, stop.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Value: "greeter-1", Usage: "`NAME` in every answer, and ID in Consul"},
			&cli.StringFlag{Name: "id", Usage: "Consul service `ID`, when it is not the name"},
			&cli.StringFlag{Name: "service", Value: greeter.DefaultService, Usage: "`NAME` of the service in Consul"},
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:0", Usage: "`HOST:PORT` to serve on; port 0 takes any"},
			&cli.StringFlag{Name: "advertise", Usage: "`HOST:PORT` to register instead of the listener's"},
			&cli.StringFlag{Name: "check-address", Usage: "`HOST:PORT` that Consul's check calls instead"},
			&cli.StringFlag{Name: "consul", Usage: "`HOST:PORT` of a Consul agent (default: $CONSUL_HTTP_ADDR or 127.0.0.1:8500; \"none\" registers nowhere)"},
			&cli.StringFlag{Name: "check", Value: "grpc", Usage: "how Consul learns of its health: grpc, ttl, http, tcp or none"},
			&cli.DurationFlag{Name: "interval", Value: greeter.DefaultInterval, Usage: "between checks"},
			&cli.DurationFlag{Name: "timeout", Value: greeter.DefaultCheckTimeout, Usage: "of one check"},
			&cli.DurationFlag{Name: "ttl", Value: greeter.DefaultTTL, Usage: "of a ttl check"},
			&cli.DurationFlag{Name: "deregister-after", Usage: "let Consul drop the entry when critical for so long (Consul's floor is 1m)"},
			&cli.IntFlag{Name: "failures-before-critical", Usage: "failed checks in a row before it counts"},
			&cli.IntFlag{Name: "success-before-passing", Usage: "passed checks in a row before it counts"},
			&cli.StringFlag{Name: "initial-status", Value: "passing", Usage: "of the check when registered"},
			&cli.IntFlag{Name: "weight", Usage: "Consul's `WEIGHT` of this replica while it passes", DefaultText: "1"},
			&cli.StringSliceFlag{Name: "tag", Usage: "Consul `TAG`, may repeat"},
			&cli.StringFlag{Name: "stop", Value: greeter.Graceful.String(), Usage: "order of the end: graceful, without-deregister or hard"},
			&cli.DurationFlag{Name: "settle", Value: 100 * time.Millisecond, Usage: "between deregistering and draining"},
			&cli.DurationFlag{Name: "drain", Value: greeter.DefaultDrain, Usage: "limit for calls in flight when stopping"},
			&cli.DurationFlag{Name: "warm-up", Usage: "answer greetings only after this time"},
			&cli.BoolFlag{Name: "register-first", Usage: "register before the warm-up: the wrong order, for the lesson"},
			&cli.IntFlag{Name: "handlers", Usage: "`N` greetings are worked on at the same time; 0 is no bound, as in any gRPC server"},
			&cli.DurationFlag{Name: "service-time", Usage: "work for each greeting"},
			&cli.IntFlag{Name: "queue", Usage: "`N` greetings may wait for a handler, one more is RESOURCE_EXHAUSTED; 0 is no bound"},
			&cli.DurationFlag{Name: "max-age", Usage: "close connections after this time (MaxConnectionAge)"},
			&cli.DurationFlag{Name: "max-age-grace", Usage: "for calls on a connection that got too old"},
		},
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	parent := proc.Inherit()
	cfg, err := serveConfig(c)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.String("listen"))
	if err != nil {
		return fmt.Errorf("listen for greetings: %w", err)
	}
	cfg.Listener = listener
	cfg.OnEvent = func(e greeter.Event) { tell(parent, cfg.Log, e) }
	server, err := greeter.New(cfg)
	if err != nil {
		return errors.Join(usage("devstack greeter serve --help", "%w", err), listener.Close())
	}
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	go func() { // lives as long as the process
		<-parent.Gone()
		leave()
		time.Sleep(time.Second) // deregister if Consul is still there, but never stay
		os.Exit(1)
	}()
	if err := parent.Tell(proc.Note{Kind: proc.Listening, Addr: listener.Addr().String()}); err != nil {
		return err
	}
	cfg.Log.Info("listening", "replica", cfg.Name, "addr", listener.Addr().String())
	return server.Run(ctx)
}

// tell passes an event of the replica on to whoever supervises it, and to its log.
func tell(parent *proc.Parent, log *slog.Logger, e greeter.Event) {
	n := proc.Note{Kind: string(e.Kind)}
	if e.Err != nil {
		n.Err = e.Err.Error()
	}
	if err := parent.Tell(n); err != nil {
		log.Warn("tell the parent", "event", e.Kind, "err", err)
	}
}

func serveConfig(c *cli.Context) (greeter.Config, error) {
	order, err := greeter.ParseStopOrder(c.String("stop"))
	if err != nil {
		return greeter.Config{}, usage("devstack greeter serve --help", "--stop: %w", err)
	}
	client, err := consulClient(c.String("consul"))
	if err != nil {
		return greeter.Config{}, err
	}
	var weights *api.AgentWeights
	if w := c.Int("weight"); w > 0 {
		weights = &api.AgentWeights{Passing: w, Warning: 1}
	}
	return greeter.Config{
		Weights: weights,
		Name:    c.String("name"), ID: c.String("id"), Service: c.String("service"), Advertise: c.String("advertise"),
		Consul: client, Tags: c.StringSlice("tag"),
		Check: greeter.CheckConfig{
			Kind: greeter.CheckKind(c.String("check")), Interval: c.Duration("interval"), Timeout: c.Duration("timeout"),
			TTL: c.Duration("ttl"), Address: c.String("check-address"), DeregisterAfter: c.Duration("deregister-after"), InitialStatus: c.String("initial-status"),
			FailuresBeforeCritical: c.Int("failures-before-critical"), SuccessBeforePassing: c.Int("success-before-passing"),
		},
		WarmUp: c.Duration("warm-up"), RegisterFirst: c.Bool("register-first"),
		Capacity:  greeter.Capacity{Handlers: c.Int("handlers"), ServiceTime: c.Duration("service-time"), Queue: c.Int("queue")},
		StopOrder: order, Settle: c.Duration("settle"), Drain: c.Duration("drain"),
		MaxConnectionAge: c.Duration("max-age"), MaxConnectionAgeGrace: c.Duration("max-age-grace"),
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}, nil
}

func consulClient(addr string) (*api.Client, error) {
	if addr == "none" {
		return nil, nil
	}
	cfg := api.DefaultConfig()
	if addr != "" {
		cfg.Address = addr
	}
	client, err := api.NewClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("configure the Consul client: %w", err)
	}
	return client, nil
}

func greeterCall(std streams) *cli.Command {
	return &cli.Command{
		Name: "call", Usage: "call the greeter through the resolver and print who answered",
		ArgsUsage: "[NAME]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "target", Value: "consul:///greeter", Usage: "`TARGET` to dial: consul://host:port/service or host:port"},
			&cli.StringFlag{Name: "policy", Value: "round_robin", Usage: "balancing `POLICY`"},
			&cli.IntFlag{Name: "count", Value: 1, Usage: "`N` calls over one channel"},
			&cli.DurationFlag{Name: "deadline", Value: 2 * time.Second, Usage: "of one call"},
		},
		Action: func(c *cli.Context) error { return call(c, std) },
	}
}

func call(c *cli.Context, std streams) error {
	config, err := load.ServiceConfig(c.String("policy"))
	if err != nil {
		return usage("devstack greeter call --help", "--policy: %w", err)
	}
	if c.Int("count") < 1 {
		return usage("", "--count: %d is not a number of calls", c.Int("count"))
	}
	if c.Duration("deadline") <= 0 {
		return usage("", "--deadline: %s is no time to wait for an answer", c.Duration("deadline"))
	}
	builder := resolver.NewBuilder(resolver.WithLinger(0))
	defer builder.Close()
	conn, err := grpc.NewClient(c.String("target"), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(config), grpc.WithResolvers(builder), grpc.WithNoProxy())
	if err != nil {
		return usage("devstack greeter call --target consul://127.0.0.1:8500/greeter", "--target: %w", err)
	}
	defer conn.Close()
	name := c.Args().First()
	if name == "" {
		name = "world"
	}
	for range c.Int("count") {
		ctx, cancel := context.WithTimeout(c.Context, c.Duration("deadline"))
		message, replica, err := greeter.Call(ctx, conn, name)
		cancel()
		if err != nil {
			return &exit{status: exitFailed, err: err}
		}
		fmt.Fprintf(std.out, "%s  (from %s)\n", message, replica)
	}
	return nil
}
