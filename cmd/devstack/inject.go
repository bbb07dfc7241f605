package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/stack"
)

func forFlag() cli.Flag {
	return &cli.StringFlag{Name: "for", EnvVars: []string{"DEVSTACK_INJECT_FOR"}, Value: control.DefaultFor.String(), Usage: "it heals by itself after this `TIME`; " + control.Forever + ": only when you heal it"}
}

func injectCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "inject", Usage: "break something in a running stack", ArgsUsage: "KIND [TARGET…] [key=value …]",
		Description: "devstack inject slow greeter-2 latency=500ms --for 30s\ndevstack inject pause all\ndevstack inject consul-kill",
		Flags:       remoteFlags(forFlag(), &cli.BoolFlag{Name: "list", Usage: "list what can be injected"}),
		Action: func(c *cli.Context) error {
			if c.Bool("list") {
				return listFaults(std)
			}
			if !c.Args().Present() {
				return usage("devstack inject --list", "inject what?")
			}
			return injectByHand(c, std, c.Args().First(), c.Args().Tail())
		},
	}
}

func listFaults(std streams) error {
	kinds := stack.Kinds()
	w := tabwriter.NewWriter(std.out, 0, 0, 3, ' ', 0)
	for _, name := range sortedKeys(kinds) {
		about := kinds[name]
		if args := stack.Arguments(name); len(args) > 0 {
			about += " (" + strings.Join(args, ", ") + ")"
		}
		fmt.Fprintf(w, "%s\t%s\n", name, about)
	}
	return w.Flush()
}

// injectByHand injects one fault; words are targets, and arguments where they hold a "=".
func injectByHand(c *cli.Context, std streams, kind string, words []string) error {
	if _, err := control.Limit(c.String("for")); err != nil {
		return remoteError(err)
	}
	a := control.Action{Do: control.Inject, Kind: kind, For: c.String("for")}
	for _, word := range words {
		key, value, isArg := strings.Cut(word, "=")
		if !isArg {
			a.Targets = append(a.Targets, word)
			continue
		}
		if a.Args == nil {
			a.Args = map[string]string{}
		}
		a.Args[key] = value
	}
	return act(c, std, a)
}

// shortCommands are the faults that everybody types.
func shortCommands(std streams) []*cli.Command {
	short := func(name, about string) *cli.Command {
		return &cli.Command{
			Name: name, Usage: about + "; short for inject " + name, ArgsUsage: "NAME… [key=value …]", Flags: remoteFlags(forFlag()),
			Action: func(c *cli.Context) error { return injectByHand(c, std, name, c.Args().Slice()) },
		}
	}
	return []*cli.Command{
		short("kill", "SIGKILL a replica"), short("pause", "SIGSTOP a replica"), resumeCommand(std),
		short("slow", "make a replica answer late"), restartCommand(std),
	}
}

// restartCommand is for whatever has a process, so that what died by itself comes back, too.
func restartCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "restart", Usage: "stop a replica or a Consul agent and start it again; one that has ended is only started", ArgsUsage: "NAME…", Flags: remoteFlags(),
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usage("devstack restart greeter-1", "restart what?")
			}
			var replicas, agents []string
			for _, name := range c.Args().Slice() {
				if name == "consul" || strings.HasPrefix(name, "consul-") {
					agents = append(agents, name)
				} else {
					replicas = append(replicas, name)
				}
			}
			var errs []error
			if len(agents) > 0 { // replicas need them
				errs = append(errs, act(c, std, control.Action{Do: control.Inject, Kind: "consul-restart", Targets: agents}))
			}
			if len(replicas) > 0 {
				errs = append(errs, act(c, std, control.Action{Do: control.Inject, Kind: "restart", Targets: replicas}))
			}
			return errors.Join(errs...)
		},
	}
}

func resumeCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "resume", Usage: "end the pause of a replica", ArgsUsage: "NAME…", Flags: remoteFlags(),
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usage("devstack resume greeter-1", "resume which replica?")
			}
			return act(c, std, control.Action{Do: control.Resume, Targets: c.Args().Slice()})
		},
	}
}

func healCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "heal", Usage: "undo a fault", ArgsUsage: "[ID]",
		Flags: remoteFlags(&cli.BoolFlag{Name: "all", Usage: "undo every fault, the latest first"}),
		Action: func(c *cli.Context) error {
			if c.Bool("all") {
				if err := noArgs(c); err != nil {
					return err
				}
				return act(c, std, control.Action{Do: control.HealAll})
			}
			id, err := strconv.Atoi(c.Args().First())
			if err != nil || c.NArg() != 1 {
				return usage("devstack heal --all, or see the numbers: devstack status", "heal needs the number of one fault, or --all")
			}
			return act(c, std, control.Action{Do: control.Heal, ID: id})
		},
	}
}

func scaleCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "scale", Usage: "change the number of replicas", ArgsUsage: "N", Flags: remoteFlags(),
		Action: func(c *cli.Context) error {
			text, err := oneArg(c, "number of replicas")
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(text)
			if err != nil {
				return usage("devstack scale 5", "scale: %q is not a number of replicas", text)
			}
			return act(c, std, control.Action{Do: control.Scale, N: n})
		},
	}
}

func rateCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "rate", Usage: "change the load, in calls per second; 0 pauses it", ArgsUsage: "RPCS", Flags: remoteFlags(),
		Action: func(c *cli.Context) error {
			text, err := oneArg(c, "rate")
			if err != nil {
				return err
			}
			rate, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return usage("devstack rate 30", "rate: %q is not a number of calls per second", text)
			}
			return act(c, std, control.Action{Do: control.Rate, Rate: rate})
		},
	}
}
