package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/timeline"
)

// terminal is the hand that acts through these commands.
const terminal = "terminal"

// controlCommands act on a running stack from another terminal.
func controlCommands(std streams) []*cli.Command {
	return append([]*cli.Command{
		statusCommand(std), downCommand(std), waitCommand(std), envCommand(std), logsCommand(std), eventsCommand(std),
		injectCommand(std), healCommand(std), scaleCommand(std), rateCommand(std),
		doctorCommand(std),
	}, shortCommands(std)...)
}

// remoteFlags choose the running stack that a command is about.
func remoteFlags(more ...cli.Flag) []cli.Flag {
	return append(more,
		&cli.StringFlag{Name: "run", Usage: "`DIR` or name of the run (default: the one that is running)"},
		&cli.StringFlag{Name: "out", Value: timeline.DefaultRoot, Usage: "`DIR` that run folders are in"})
}

// connect is a client of the chosen running stack. Close it.
func connect(c *cli.Context) (*control.Client, error) {
	root, name := c.String("out"), c.String("run")
	over := outlived(root, name)
	if over != "" {
		name = ""
	}
	dir, err := chosenRun(root, name)
	if err != nil {
		return nil, err
	}
	if over != "" && c.App.Metadata[runEnv] == nil { // said once, however often one asks
		c.App.Metadata = map[string]any{runEnv: over}
		fmt.Fprintf(c.App.ErrWriter, "devstack: %s is over (%s); this is about %s\n", over, runEnv, filepath.Base(dir))
	}
	return control.NewClient(dir), nil
}

// runEnv names the run that a shell is about, as `devstack env` has set it.
const runEnv = "DEVSTACK_RUN"

// outlived is name, in short, when it is the shell's run and that is over: another that runs
// is then what is meant.
func outlived(root, name string) string {
	if name == "" || name != os.Getenv(runEnv) {
		return ""
	}
	if dir, err := runFolder(root, name); err == nil {
		if alive, err := control.Alive(dir); alive || err != nil {
			return ""
		}
	}
	return filepath.Base(name)
}

func chosenRun(root, name string) (string, error) {
	if name != "" {
		dir, err := runFolder(root, name)
		if err != nil {
			return "", err
		}
		if _, err := control.Alive(dir); err != nil {
			return "", remoteError(err)
		}
		return dir, nil
	}
	running, stale, err := runningStacks(root)
	if err != nil {
		return "", err
	}
	switch len(running) {
	case 1:
		return running[0], nil
	case 0:
		msg := "no stack is running"
		if len(stale) > 0 {
			msg += "; that of " + strings.Join(stale, ", ") + " was killed, and its socket is removed"
		}
		return "", &exit{status: exitStack, err: fmt.Errorf("%w (looked in %s)", errors.New(msg), root), hint: "devstack up"}
	}
	var names []string
	for _, dir := range running {
		names = append(names, filepath.Base(dir))
	}
	return "", usage("--run "+names[0], "%d stacks are running: %s", len(names), strings.Join(names, ", "))
}

// runningStacks are the folders below root where a devstack answers, the newest first, and
// the names of those where one left its socket behind.
func runningStacks(root string) (running, stale []string, err error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("look for running stacks: %w", err)
	}
	for _, e := range slices.Backward(entries) {
		dir := filepath.Join(root, e.Name())
		if _, err := os.Lstat(filepath.Join(dir, control.SocketFile)); !e.IsDir() || err != nil {
			continue
		}
		alive, err := control.Alive(dir)
		switch {
		case alive:
			running = append(running, dir)
		case err == nil:
			stale = append(stale, e.Name())
		}
	}
	return running, stale, nil
}

// remoteError gives an error from the other side the exit status that it has on this one.
func remoteError(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*control.Error](err); ok {
		status := exitUsage
		if e.Kind == control.Broken {
			status = exitStack
		}
		return &exit{status: status, err: e, hint: e.Hint}
	}
	if errors.Is(err, control.ErrGone) {
		return &exit{status: exitStack, err: err, hint: "devstack up"}
	}
	return err
}

// act has one action performed by the chosen stack and says what came of it.
func act(c *cli.Context, std streams, a control.Action) error {
	client, err := connect(c)
	if err != nil {
		return err
	}
	defer client.Close()
	a.By = terminal
	result, err := client.Do(c.Context, a)
	if err != nil {
		return remoteError(err)
	}
	fmt.Fprintln(std.out, result.Msg)
	return nil
}

// withClient runs f with a client of the chosen stack.
func withClient(c *cli.Context, f func(context.Context, *control.Client) error) error {
	client, err := connect(c)
	if err != nil {
		return err
	}
	defer client.Close()
	return remoteError(f(c.Context, client))
}

// noArgs refuses arguments where none belong.
func noArgs(c *cli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	return usage("devstack "+c.Command.Name+" --help", "%s takes no argument, but got %q", c.Command.Name, c.Args().First())
}

// oneArg is the only argument of a command.
func oneArg(c *cli.Context, what string) (string, error) {
	if c.NArg() != 1 {
		return "", usage("devstack "+c.Command.Name+" --help", "%s needs one %s, but got %d", c.Command.Name, what, c.NArg())
	}
	return c.Args().First(), nil
}
