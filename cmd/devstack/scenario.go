package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/scenarios"
	"devstack/timeline"
	"devstack/view"
)

func scenarioCommand(std streams) *cli.Command {
	c := &cli.Command{
		Name: "scenario", Usage: "break a stack of its own by script, and judge what happened",
		ArgsUsage:   "NAME",
		Description: exitStatusHelp,
		Flags:       runFlags(),
		Subcommands: []*cli.Command{
			scenarioList(std), scenarioShow(std), scenarioEject(std), scenarioValidate(std), scenarioNew(std), scenarioRun(std),
		},
	}
	c.Action = func(ctx *cli.Context) error { return runNamed(ctx, std) }
	return c
}

func runFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.BoolFlag{Name: "step", Usage: "wait for Enter before each step"},
		&cli.BoolFlag{Name: "predict", Usage: "ask what will happen before the fault, and compare afterwards"},
		&cli.BoolFlag{Name: "watch", Usage: "draw it on the whole terminal instead of telling it line by line; with --step, n goes on"},
		asciiFlag(), dashboardFlag(dashboardOff),
		&cli.IntFlag{Name: "repeat", Value: 1, Usage: "run it `N` times and print the distribution"},
		&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE` of a setting, such as interval=3s; may repeat"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of every random choice"},
		formatFlag(),
	}, stackFlags()...)
}

func runNamed(c *cli.Context, std streams) error {
	switch c.NArg() {
	case 0:
		return usage("devstack scenario list", "scenario needs a name")
	case 1:
	default:
		return usage("devstack scenario --help", "scenario takes one name, but got %q", c.Args().Slice())
	}
	s, err := scenarios.Find(c.Args().First())
	if errors.Is(err, scenarios.ErrUnknown) {
		return usage("devstack scenario list", "%w", err)
	}
	if err != nil {
		return err
	}
	return runScenario(c, std, s)
}

// runScenario runs s as often as the flags say, and turns verdicts into an exit status.
func runScenario(c *cli.Context, std streams, s *scenarios.Scenario) error {
	set, err := checkRun(c)
	if err != nil {
		return err
	}
	if err := errors.Join(s.Validate(set), consulFrom(c).Validate()); err != nil {
		return usage("devstack scenario show "+s.Name, "%w", err)
	}
	if err := checkWatch(c, std); err != nil {
		return err
	}
	var runs []timeline.Run
	for n := range c.Int("repeat") {
		if n > 0 && c.String("format") == formatPretty {
			fmt.Fprintln(std.out)
		}
		run, err := runOnce(c, std, s, set)
		if err != nil {
			return err
		}
		runs = append(runs, run)
	}
	if len(runs) > 1 && c.String("format") == formatPretty {
		view.Distribution(std.out, runs, colourful(std.out))
	}
	return verdictStatus(runs)
}

func checkRun(c *cli.Context) (map[string]string, error) {
	if err := errors.Join(checkFormat(c), checkStackFlags(c), checkDashboard(c)); err != nil {
		return nil, err
	}
	if n := c.Int("repeat"); n < 1 || n > 1000 {
		return nil, usage("", "--repeat: %d is not in 1 to 1000", n)
	}
	set, err := scenarios.ParseSet(c.StringSlice("set"))
	if err != nil {
		return nil, usage("devstack scenario show kill-node", "--set: %w", err)
	}
	if c.IsSet("resolver") {
		set["resolver"] = c.String("resolver")
	}
	return set, nil
}

// verdictStatus is the worst verdict of all runs, as an exit status.
func verdictStatus(runs []timeline.Run) error {
	var verdicts []timeline.Verdict
	for _, r := range runs {
		verdicts = append(verdicts, r.Verdict)
	}
	switch timeline.Worst(verdicts...) {
	case timeline.Pass:
		return nil
	case timeline.Fail:
		return &exit{status: exitFailed}
	}
	return &exit{status: exitInconclusive}
}

// runOnce is one run, shown as the flags say.
func runOnce(c *cli.Context, std streams, s *scenarios.Scenario, set map[string]string) (timeline.Run, error) {
	r, err := newRunner(c)
	if err != nil {
		return timeline.Run{}, err
	}
	r.show = func(sess *session) {
		switch c.String("format") {
		case formatPretty:
			narrate(std, sess, c.Bool("step") && c.String("dashboard") == dashboardOff)
		case formatNDJSON:
			sess.ndjson(std.out)
		}
	}
	switch {
	case c.Bool("watch"):
		w := newWatch(c, std)
		r.show = w.show
		if c.Bool("step") {
			r.gate = w.gate
		}
	case c.String("format") == formatPretty:
		r.gate, r.predict = gates(c, std)
	}
	hide, err := showInBrowser(c, std, &r)
	if err != nil {
		return timeline.Run{}, err
	}
	run, dir, err := r.run(c.Context, s, set)
	err = errors.Join(err, hide())
	if dir != "" {
		finish(c, std, dir, run)
	}
	return run, err
}

// finish shows what the run in dir came to.
func finish(c *cli.Context, std streams, dir string, run timeline.Run) {
	switch c.String("format") {
	case formatPretty:
		colour, out := colourful(std.out), paper(std.out)
		fmt.Fprintln(out)
		for _, f := range run.Waterfalls {
			view.WaterfallTable(out, f, colour)
			fmt.Fprintln(out)
		}
		view.Expectations(out, run.Expectations, colour)
		fmt.Fprintln(out)
		if p := run.Prediction; p != nil {
			fmt.Fprintf(out, "predicted     %s\nin fact       %s\n\n", p.Said, p.Revealed)
		}
		view.VerdictLine(out, run, colour)
		fmt.Fprintf(std.out, "      %s\n", shown(dir))
	case formatJSON:
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		enc.Encode(run)
	}
}

// narrate tells the story as it happens, append-only. With prompt it says for which step a
// person is waited for: in the record's order, so that nothing is printed behind a prompt.
func narrate(std streams, sess *session, prompt bool) {
	colour, out := colourful(std.out), paper(std.out)
	plain := view.NewPlain(out, colour, 5).Hush()
	sess.each(func(e timeline.Event) {
		if info, ok := timeline.Payload[timeline.ScenarioInfo](e); ok && e.Type == timeline.ScenarioStarted {
			view.Title(out, info, colour)
		}
		if gate, ok := timeline.Payload[timeline.Gate](e); ok && prompt && e.Type == timeline.ScenarioGateWaiting {
			fmt.Fprintf(std.out, "    next: %s  [Enter]\n", gate.For)
		}
		plain.Add(e)
	})
}

func scenarioList(std streams) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "the built-in scenarios",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "teaches", Usage: "only those that teach something with this `WORD`"},
			&cli.IntFlag{Name: "tier", Usage: "only this `TIER`: 1 is quick and needs nothing"},
			formatFlag(),
		},
		Action: func(c *cli.Context) error {
			if err := checkFormat(c); err != nil {
				return err
			}
			list, err := selectScenarios(nil, c.Int("tier"), c.String("teaches"))
			if err != nil {
				return err
			}
			if len(list) == 0 && c.IsSet("tier") {
				return noneMatches(c)
			}
			return printList(c, std, list)
		},
	}
}

// selectScenarios are the built-in ones that match any pattern (all without one), a tier
// (0: any) and a word of what they teach.
func selectScenarios(patterns []string, tier int, teaches string) ([]*scenarios.Scenario, error) {
	all, err := scenarios.List()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s *scenarios.Scenario) bool {
		word := strings.ToLower(teaches)
		taught := strings.Contains(strings.ToLower(strings.Join(s.Teaches, "\n")), word)
		named := len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return matches(p, s.Name) })
		return tier != 0 && s.Tier != tier || !taught || !named
	}), nil
}

func printList(c *cli.Context, std streams, list []*scenarios.Scenario) error {
	if c.String("format") != formatPretty {
		type row struct {
			Name    string   `json:"name"`
			Title   string   `json:"title"`
			Tier    int      `json:"tier"`
			Teaches []string `json:"teaches"`
		}
		rows := []row{}
		for _, s := range list {
			rows = append(rows, row{s.Name, s.Title, s.Tier, s.Teaches})
		}
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	for _, s := range list {
		fmt.Fprintf(std.out, "%-26s %s\n", s.Name, s.Title)
	}
	fmt.Fprintf(std.out, "\n%d scenarios. Run one: devstack scenario NAME; read one: devstack scenario show NAME\n", len(list))
	return nil
}
