package main

import (
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/urfave/cli/v2"
)

// alike are the variables of flags that are worded differently and mean the same.
var alike = []string{
	"DEVSTACK_CHECK", "DEVSTACK_COUNT", "DEVSTACK_DEADLINE", "DEVSTACK_FORMAT", "DEVSTACK_HTTP_PORT", "DEVSTACK_INTERVAL",
	"DEVSTACK_LISTEN", "DEVSTACK_OUT", "DEVSTACK_POLICY", "DEVSTACK_RATE", "DEVSTACK_SEED", "DEVSTACK_SET", "DEVSTACK_TARGET",
	"DEVSTACK_TIMEOUT", "DEVSTACK_WATCH",
}

// One variable sets one thing: what is meant for one command is no mistake in another.
func TestAVariableMeansOneThing(t *testing.T) {
	type use struct{ command, about string }
	uses := map[string][]use{}
	var walk func(path string, list []*cli.Command)
	walk = func(path string, list []*cli.Command) {
		for _, c := range list {
			for _, f := range c.Flags {
				if len(*variablesOf(f)) == 0 {
					t.Errorf("devstack%s %s --%s cannot be set from the environment", path, c.Name, f.Names()[0])
				}
				for _, name := range *variablesOf(f) {
					about := fmt.Sprintf("%T: %s", f, f.(cli.DocGenerationFlag).GetUsage())
					uses[name] = append(uses[name], use{path + " " + c.Name, about})
				}
			}
			walk(path+" "+c.Name, c.Subcommands)
		}
	}
	walk("", newApp(streams{err: io.Discard}).Commands)
	for name, list := range uses {
		other := slices.IndexFunc(list, func(u use) bool { return u.about != list[0].about })
		if other >= 0 && !slices.Contains(alike, name) {
			t.Errorf("%s is\n  devstack%s: %s\n  devstack%s: %s", name, list[0].command, list[0].about, list[other].command, list[other].about)
		}
	}
}
