package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// reorder moves the flags of the chosen command before its other arguments, so that
// `scenario kill-node --step` means what it says: the flag package stops at the first
// argument that is not a flag.
func reorder(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	head, rest := []string{args[0]}, args[1:]
	flags, commands := app.Flags, app.Commands
	for {
		i := firstPositional(flags, rest)
		if i == len(rest) {
			return append(head, rest...)
		}
		c := named(commands, rest[i])
		if c == nil {
			break
		}
		head = append(head, rest[:i+1]...)
		flags, commands, rest = c.Flags, c.Subcommands, rest[i+1:]
		if c.SkipFlagParsing {
			return append(head, rest...)
		}
	}
	return append(head, flagsFirst(flags, rest)...)
}

func named(commands []*cli.Command, name string) *cli.Command {
	i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(name) })
	if i < 0 {
		return nil
	}
	return commands[i]
}

// firstPositional is the index of the first argument that is no flag and no flag's value.
func firstPositional(flags []cli.Flag, args []string) int {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--", !isFlag(args[i]):
			return i
		case takesValue(flags, args[i]):
			i++
		}
	}
	return len(args)
}

func flagsFirst(flags []cli.Flag, args []string) []string {
	var first, last []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
			return slices.Concat(first, []string{"--"}, last, args[i+1:])
		case !isFlag(args[i]):
			last = append(last, args[i])
		case takesValue(flags, args[i]) && i+1 < len(args):
			first = append(first, args[i], args[i+1])
			i++
		default:
			first = append(first, args[i])
		}
	}
	if slices.ContainsFunc(last, negative) {
		first = append(first, "--") // the parser would take it for a flag
	}
	return append(first, last...)
}

// negative is true of -1, which is a value.
func negative(arg string) bool {
	n, err := strconv.ParseFloat(arg, 64)
	return err == nil && n < 0
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' && !negative(arg) }

// takesValue reports whether the argument after arg belongs to it. Of an unknown flag
// nothing is known: it stands alone, and the parser will complain about it by name.
func takesValue(flags []cli.Flag, arg string) bool {
	name, _, inline := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if inline {
		return false
	}
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}
