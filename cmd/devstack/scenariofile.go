package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/urfave/cli/v2"

	"devstack/scenarios"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// matches holds a name against a shell pattern; a broken pattern matches itself only.
func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil || pattern == name
}

// oneScenario is the built-in scenario that the command's one argument names.
func oneScenario(c *cli.Context) (*scenarios.Scenario, error) {
	if c.NArg() != 1 {
		return nil, usage("devstack scenario list", "%s needs one name", c.Command.Name)
	}
	s, err := scenarios.Find(c.Args().First())
	if errors.Is(err, scenarios.ErrUnknown) {
		return nil, usage("devstack scenario list", "%w", err)
	}
	return s, err
}

func scenarioShow(std streams) *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "print the file of a built-in scenario", ArgsUsage: "NAME",
		Action: func(c *cli.Context) error {
			s, err := oneScenario(c)
			if err != nil {
				return err
			}
			_, err = std.out.Write(s.Source)
			return err
		},
	}
}

func scenarioEject(std streams) *cli.Command {
	return &cli.Command{
		Name: "eject", Usage: "copy a built-in scenario to NAME.hcl, to edit and run", ArgsUsage: "NAME",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "force", Usage: "overwrite the file"}},
		Action: func(c *cli.Context) error {
			s, err := oneScenario(c)
			if err != nil {
				return err
			}
			return create(c, std, s.Name+".hcl", s.Source)
		},
	}
}

func scenarioNew(std streams) *cli.Command {
	return &cli.Command{
		Name: "new", Usage: "write NAME.hcl, a small scenario to start from", ArgsUsage: "NAME",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "force", Usage: "overwrite the file"}},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("devstack scenario new my-scenario", "new needs one name")
			}
			src, err := scenarios.Skeleton(c.Args().First())
			if err != nil {
				return usage("devstack scenario new my-scenario", "%w", err)
			}
			return create(c, std, c.Args().First()+".hcl", src)
		},
	}
}

// create writes a new file; it replaces one only when told to.
func create(c *cli.Context, std streams, name string, src []byte) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.Bool("force") {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, 0o644)
	if errors.Is(err, os.ErrExist) {
		return usage("add --force to overwrite it", "%s exists already", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(src)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	fmt.Fprintf(std.out, "wrote %s; run it: devstack scenario run %s\n", name, name)
	return nil
}

func scenarioValidate(std streams) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check scenario files and print every problem with its place", ArgsUsage: "FILE…",
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return usage("devstack scenario validate my-scenario.hcl", "validate needs a file")
			}
			var errs []error
			for _, name := range c.Args().Slice() {
				list, err := scenarios.ParseFile(name)
				errs = append(errs, err)
				for _, s := range list {
					fmt.Fprintf(std.out, "%s: scenario %q is valid\n", name, s.Name)
				}
			}
			if err := errors.Join(errs...); err != nil {
				return &exit{status: exitUsage, err: err}
			}
			return nil
		},
	}
}

func scenarioRun(std streams) *cli.Command {
	return &cli.Command{
		Name: "run", Usage: "run the scenarios of a file", ArgsUsage: "FILE", Flags: runFlags(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("devstack scenario run my-scenario.hcl", "run needs one file")
			}
			list, err := scenarios.ParseFile(c.Args().First())
			if err != nil {
				return &exit{status: exitUsage, err: err, hint: "devstack scenario validate " + c.Args().First()}
			}
			var errs []error
			for _, s := range list {
				errs = append(errs, runScenario(c, std, s))
			}
			return errors.Join(errs...)
		},
	}
}
