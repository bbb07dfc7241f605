package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/scenarios"
	"devstack/timeline"
	"devstack/view"
)

func compareCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "compare", Usage: "run one scenario under several settings and show them side by side", ArgsUsage: "NAME",
		Description: "Without --vary it takes what the scenario's own vary block names.\nA setting that breaks an expectation is the point of many lessons: it is shown, and the exit status stays 0.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "vary", Usage: "`NAME=A,B` setting and its values"},
			&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE` of a setting, for both; may repeat"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of every random choice"},
		}, stackFlags()...),
		Action: func(c *cli.Context) error { return compare(c, std) },
	}
}

func compare(c *cli.Context, std streams) error {
	s, err := oneScenario(c)
	if dir, found := runFolder(c.String("out"), c.Args().First()); err != nil && found == nil {
		return cmp.Or(refuseLoad(dir, "compare", "the name of a scenario"), err)
	}
	if err != nil {
		return err
	}
	set, err := scenarios.ParseSet(c.StringSlice("set"))
	if err != nil {
		return usage("", "--set: %w", err)
	}
	name, values, err := varied(c.String("vary"), s)
	if err != nil {
		return err
	}
	r, err := newRunner(c)
	if err != nil {
		return err
	}
	var runs []timeline.Run
	for _, v := range values {
		set[name] = v
		if err := s.Validate(set); err != nil {
			return usage("", "--vary: %w", err)
		}
	}
	for _, v := range values {
		fmt.Fprintf(std.out, "==> %s with %s = %s\n", s.Name, name, legible(v))
		set[name] = v
		run, dir, err := r.run(c.Context, s, set)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "    %s\n", shown(dir))
		runs = append(runs, run)
	}
	fmt.Fprintln(std.out)
	heads := make([]string, len(values))
	for i, v := range values {
		heads[i] = legible(v)
	}
	view.SideBySide(std.out, name, heads, runs, colourful(std.out))
	return nil
}

// legible is a value as it stands in a table: that there is none is seen, too.
func legible(value string) string { return cmp.Or(value, "(none)") }

// varied is the setting to vary and its values, from the flag or from the scenario.
func varied(flag string, s *scenarios.Scenario) (string, []string, error) {
	name, values := s.Vary()
	if flag != "" {
		k, v, ok := strings.Cut(flag, "=")
		if !ok {
			return "", nil, usage("devstack compare kill-node --vary interval=1s,3s", "--vary: %q is not name=a,b", flag)
		}
		if _, err := scenarios.ParseSet([]string{k + "="}); err != nil {
			return "", nil, usage("devstack scenario show kill-node", "--vary: %w", err)
		}
		name, values = k, strings.Split(v, ",")
	}
	if name == "" {
		return "", nil, usage("devstack compare "+s.Name+" --vary interval=1s,3s", "%s names nothing to vary", s.Name)
	}
	if len(values) < 2 {
		return "", nil, usage("", "--vary: a comparison needs two values or more")
	}
	return name, values, nil
}

func reportCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "make the reports of a run folder again, from its record", ArgsUsage: "RUN",
		Description: "RUN is a run folder, or the name of one below --out; \"latest\" is the last.",
		Flags:       []cli.Flag{&cli.StringFlag{Name: "out", Value: timeline.DefaultRoot, Usage: "`DIR` that run folders are in"}},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("devstack report latest", "report needs one run")
			}
			dir, err := runFolder(c.String("out"), c.Args().First())
			if err != nil {
				return err
			}
			if err := reportAgain(dir); err != nil {
				return err
			}
			fmt.Fprintf(std.out, "%s\n", shown(dir))
			return nil
		},
	}
}

// reportAgain makes all that can be made from the record of a scenario or of a load.
func reportAgain(dir string) error {
	load, series, ok, err := readLoad(dir)
	if ok {
		return errors.Join(err, view.WriteLoadFiles(dir, load, series))
	}
	run, err := timeline.LoadRun(dir)
	if err != nil {
		return usage("only a scenario or a load leaves a "+timeline.RunFile, "%w", err)
	}
	return writeReports(dir, run)
}

var errNoRun = errors.New("no such run")
