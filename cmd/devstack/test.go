package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"devstack/scenarios"
	"devstack/timeline"
	"devstack/view"
)

func testCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "test", Usage: "run all matching scenarios, headless, with one summary", ArgsUsage: "[PATTERN…]",
		Description: "A PATTERN is a shell pattern for names, such as 'kill-*'.\n\n" + exitStatusHelp,
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "tier", Usage: "only this `TIER`: 1 is quick and needs nothing", DefaultText: "all"},
			&cli.StringFlag{Name: "teaches", Usage: "only those that teach something with this `WORD`"},
			&cli.StringFlag{Name: "junit", Usage: "write one JUnit `FILE` over all runs"},
			&cli.IntFlag{Name: "parallel", Value: max(1, runtime.NumCPU()/2), Usage: "`N` at a time; more make the machine too noisy to judge"},
			&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE` of a setting, for all of them; may repeat"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "of every random choice"},
		}, stackFlags()...),
		Action: func(c *cli.Context) error { return testAll(c, std) },
	}
}

func testAll(c *cli.Context, std streams) error {
	set, err := scenarios.ParseSet(c.StringSlice("set"))
	if err != nil {
		return usage("devstack scenario show kill-node", "--set: %w", err)
	}
	if err := checkStackFlags(c); err != nil {
		return err
	}
	if n := c.Int("parallel"); n < 1 || n > 64 {
		return usage("", "--parallel: %d is not in 1 to 64", n)
	}
	list, err := selectScenarios(c.Args().Slice(), c.Int("tier"), c.String("teaches"))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return noneMatches(c)
	}
	if err := writable(c.String("junit")); err != nil {
		return usage("", "--junit: %w", err)
	}
	r, err := newRunner(c)
	if err != nil {
		return err
	}
	began := time.Now()
	runs, err := r.runAll(c.Context, std, list, set, c.Int("parallel"))
	summarize(std, runs, time.Since(began))
	if name := c.String("junit"); name != "" {
		junit, junitErr := view.JUnit(runs...)
		err = errors.Join(err, junitErr, timeline.WriteFile(name, junit))
	}
	if err != nil {
		return err
	}
	return verdictStatus(runs)
}

// noneMatches says so, and what may have been meant.
func noneMatches(c *cli.Context) error {
	all, err := scenarios.List()
	if err != nil {
		return err
	}
	var names, tiers []string
	for _, s := range all {
		names = append(names, s.Name)
		if tier := fmt.Sprint(s.Tier); !slices.Contains(tiers, tier) {
			tiers = append(tiers, tier)
		}
	}
	slices.Sort(tiers)
	if tier := fmt.Sprint(c.Int("tier")); c.IsSet("tier") && !slices.Contains(tiers, tier) {
		return usage("have "+strings.Join(tiers, ", "), "--tier: there is no tier %s", tier)
	}
	if !c.Args().Present() {
		return usage("devstack scenario list", "no scenario matches")
	}
	typed := c.Args().First()
	return usage(didYouMean(typed, names, "devstack "+c.Command.Name+" ", "devstack scenario list"), "no scenario matches %q", typed)
}

// writable makes sure, before any work is done for it, that the file can be written; none is.
func writable(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder", path)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("write %s: %w", path, e.Err) // the probe's name says nothing to anybody
	}
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// runAll runs list, so many at a time, and says of each how it ended as it ends. A run
// that could not be made does not keep the others from theirs, an interruption does.
func (r runner) runAll(ctx context.Context, std streams, list []*scenarios.Scenario, set map[string]string, parallel int) ([]timeline.Run, error) {
	runs := make([]timeline.Run, len(list))
	var mu sync.Mutex
	var errs []error
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, s := range list {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			run, dir, err := r.run(ctx, s, set)
			run.Name = s.Name
			runs[i] = run
			mu.Lock()
			defer mu.Unlock()
			line(std, run, dir, err)
			var e *exit
			if errors.As(err, &e) && e.status == exitInterrupted {
				return err
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", s.Name, err))
			}
			return nil
		})
	}
	err := group.Wait()
	return runs, errors.Join(append(errs, err)...)
}

// line is one run in the list of a test.
func line(std streams, run timeline.Run, dir string, err error) {
	p := view.Paint(colourful(std.out))
	verdict := strings.ToUpper(string(run.Verdict))
	if verdict == "" || err != nil {
		verdict = "ERROR"
	}
	fmt.Fprintf(std.out, "%s %-26s %5.1f s", p.Verdict(run.Verdict, fmt.Sprintf("%-12s", verdict)), run.Name, run.Seconds)
	switch {
	case err != nil:
		fmt.Fprintf(std.out, "  %s", strings.SplitN(err.Error(), "\n", 2)[0])
	case run.Why != "":
		fmt.Fprintf(std.out, "  %s", run.Why)
	}
	fmt.Fprintln(std.out)
	for _, e := range run.Expectations {
		if e.Verdict != timeline.Pass {
			fmt.Fprintf(std.out, "             %s: %s\n             %s %s\n", e.Verdict, e.Name, view.Sentence(e), e.Why)
		}
	}
	if run.Verdict != timeline.Pass && dir != "" {
		fmt.Fprintf(std.out, "             %s\n", shown(dir))
	}
}

func summarize(std streams, runs []timeline.Run, took time.Duration) {
	count := map[timeline.Verdict]int{}
	for _, r := range runs {
		count[r.Verdict]++
	}
	fmt.Fprintf(std.out, "\n%d scenarios: %d passed, %d failed, %d inconclusive, in %.0f s\n", len(runs),
		count[timeline.Pass], count[timeline.Fail], len(runs)-count[timeline.Pass]-count[timeline.Fail], took.Seconds())
}
