package main

import (
	"github.com/urfave/cli/v2"

	"devstack/stack/proc"
)

// reapCommand keeps a foreign program that knows nothing of our pipes; see proc.Reap.
func reapCommand() *cli.Command {
	return &cli.Command{
		Name: "reap", Hidden: true, SkipFlagParsing: true, HideHelp: true,
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			if len(args) > 0 && args[0] == "--" {
				args = args[1:]
			}
			if len(args) == 0 {
				return usage("", "reap: no program to run")
			}
			status, err := proc.Reap(proc.Inherit(), args[0], args[1:])
			if err != nil {
				return err
			}
			return &exit{status: status}
		},
	}
}
