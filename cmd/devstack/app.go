package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"google.golang.org/grpc"

	"devstack/internal/nearest"
)

const exitStatusHelp = `Exit status: 0 pass, 1 an expectation failed, 2 usage or invalid scenario, 3 inconclusive,
4 the stack could not start or heal, 130 interrupted (after clean-up; "up" ended by one Ctrl-C is 0).
Every flag can also be set by a variable, such as DEVSTACK_REPLICAS=5; --help shows which.`

// newApp is the command line: one command per file of this package.
func newApp(std streams) *cli.App {
	app := &cli.App{
		Name:        "devstack",
		Usage:       "a failure lab for gRPC service discovery with Consul",
		Description: "devstack up --replicas 3         start Consul, three replicas and a client\ndevstack scenario kill-node       break it by script, and see who noticed what, and when\n\n" + exitStatusHelp,
		Writer:      std.out,
		ErrWriter:   std.err,
		HideVersion: true,
		// A setting's value may have commas: --set checks=grpc,ttl.
		DisableSliceFlagSeparator: true,
		// Errors are reported once, by main; nothing may exit from inside the library.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   usageError,
		Commands: []*cli.Command{
			upCommand(std), scenarioCommand(std), testCommand(std), compareCommand(std), reportCommand(std), replayCommand(std),
			greeterCommand(std), loadCommand(std),
			consulCommand(), reapCommand(), versionCommand(std),
		},
	}
	app.Commands = append(app.Commands, controlCommands(std)...)
	app.Action = func(c *cli.Context) error { return unknownCommand(c, app.Commands) }
	for _, c := range app.Commands {
		prepare(c)
	}
	return app
}

// prepare gives a command, and its subcommands, our way of speaking about mistakes.
func prepare(c *cli.Command) {
	c.OnUsageError = usageError
	for _, f := range c.Flags {
		fromEnvironment(f)
	}
	for _, sub := range c.Subcommands {
		prepare(sub)
	}
}

// fromEnvironment lets every flag be set as DEVSTACK_<NAME>, unless it brings another name,
// because other commands' flags of this one mean something else.
func fromEnvironment(f cli.Flag) {
	own := variablesOf(f)
	if len(*own) == 0 {
		*own = []string{"DEVSTACK_" + strings.ToUpper(strings.ReplaceAll(f.Names()[0], "-", "_"))}
	}
}

func variablesOf(f cli.Flag) *[]string {
	switch f := f.(type) {
	case *cli.StringFlag:
		return &f.EnvVars
	case *cli.IntFlag:
		return &f.EnvVars
	case *cli.Uint64Flag:
		return &f.EnvVars
	case *cli.Float64Flag:
		return &f.EnvVars
	case *cli.BoolFlag:
		return &f.EnvVars
	case *cli.DurationFlag:
		return &f.EnvVars
	case *cli.StringSliceFlag:
		return &f.EnvVars
	}
	panic(fmt.Sprintf("flag %s has a type that cannot be set from the environment", f.Names()[0]))
}

func unknownCommand(c *cli.Context, commands []*cli.Command) error {
	if !c.Args().Present() {
		return cli.ShowAppHelp(c)
	}
	var names []string
	for _, cmd := range commands {
		if !cmd.Hidden {
			names = append(names, cmd.Names()...)
		}
	}
	return usage(didYouMean(c.Args().First(), names, "devstack ", "devstack --help"), "unknown command %q", c.Args().First())
}

// usageError turns the flag package's words into one line with a suggestion.
func usageError(c *cli.Context, err error, _ bool) error {
	msg := err.Error()
	help := "devstack " + strings.TrimSpace(strings.TrimPrefix(c.Command.HelpName, "devstack")) + " --help"
	if name, ok := strings.CutPrefix(msg, "flag provided but not defined: -"); ok {
		var names []string
		for _, f := range c.Command.Flags {
			names = append(names, f.Names()...)
		}
		name = strings.TrimLeft(name, "-")
		return usage(didYouMean(name, names, "--", help), "unknown flag --%s", name)
	}
	msg = strings.Replace(msg, "flag -", "flag --", 1)
	if i := strings.Index(msg, ": strconv."); i >= 0 {
		msg = msg[:i]
	}
	if i := strings.Index(msg, ": parse error"); i >= 0 {
		msg = msg[:i]
	}
	return usage(help, "%s", msg)
}

// didYouMean is the nearest of names, or the fallback when none is near.
func didYouMean(typed string, names []string, prefix, fallback string) string {
	best, ok := nearest.Of(typed, names)
	if !ok {
		return fallback
	}
	return "did you mean " + prefix + best + "?"
}

func versions() map[string]string {
	v := map[string]string{"devstack": "(devel)", "consul": consulVersion(), "grpc": grpc.Version, "go": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v["devstack"] = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v["commit"] = s.Value
		}
	}
	return v
}

func versionCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the versions of devstack and of what is linked in",
		Action: func(*cli.Context) error {
			v := versions()
			keys := []string{"devstack", "commit", "consul", "grpc", "go"}
			for _, k := range slices.DeleteFunc(keys, func(k string) bool { return v[k] == "" }) {
				fmt.Fprintf(std.out, "%-9s %s\n", k, v[k])
			}
			fmt.Fprintln(std.out, "\nConsul is (c) HashiCorp, Inc., under the Business Source License 1.1; see README.md.")
			return nil
		},
	}
}

func consulCommand() *cli.Command {
	return &cli.Command{
		Name: "consul", Usage: "Consul's own command line, linked in", SkipFlagParsing: true, HideHelp: true,
		Action: func(c *cli.Context) error { return &exit{status: runConsul(c.Args().Slice())} },
	}
}
