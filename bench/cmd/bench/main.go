// Command bench measures devstack beside what people would use instead, on this machine,
// and prints one table. Contenders are processes of their own that take turns, so that
// none has a warmer machine, a shared runtime or the benchmark's own garbage to carry.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"devstack/bench/figures"
)

func main() {
	var o options
	flag.StringVar(&o.devstack, "devstack", "../bin/devstack", "the devstack program")
	flag.IntVar(&o.rounds, "rounds", 3, "times that every contender is run")
	flag.IntVar(&o.kills, "kills", 50, "replicas that failover kills")
	flag.DurationVar(&o.each, "each", 3*time.Second, "time that a contender makes calls in")
	flag.StringVar(&o.json, "json", "results.json", "file for the results as JSON")
	only := flag.String("only", "", "parts to measure, separated by commas: "+strings.Join(partNames(), ", ")+" (default: all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	devstack, json string
	rounds, kills  int
	each           time.Duration
}

// part is what can be measured alone.
type part struct {
	name    string
	measure func(*bench, context.Context) ([]figures.Row, error)
}

func parts() []part {
	return []part{
		{"ready", (*bench).ready}, {"growth", (*bench).growth}, {"load", (*bench).closedLoop}, {"pace", (*bench).openLoop},
		{"resolver", (*bench).resolver}, {"failover", (*bench).failover}, {"code", (*bench).code}, {"views", (*bench).views},
	}
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// chosen are the parts called names, all when there is none.
func chosen(names string) ([]part, error) {
	if names == "" {
		return parts(), nil
	}
	var out []part
	for name := range strings.SplitSeq(names, ",") {
		at := slices.Index(partNames(), name)
		if at < 0 {
			return nil, fmt.Errorf("-only: unknown part %q (have %s)", name, strings.Join(partNames(), ", "))
		}
		out = append(out, parts()[at])
	}
	return out, nil
}

// run measures part after part. What was measured is printed and saved beside the error of
// a part that could not be.
func run(ctx context.Context, o options, only string) error {
	if o.rounds < 1 || o.kills < 1 || o.each < time.Second {
		return errors.New("need at least one round of a second, and one kill")
	}
	todo, err := chosen(only)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	r := figures.Results{Machine: thisMachine(ctx), Rounds: o.rounds, Each: o.each.String()}
	var errs []error
	for _, p := range todo {
		begin := time.Now()
		rows, err := p.measure(b, ctx)
		r.Rows = append(r.Rows, rows...)
		fmt.Fprintf(os.Stderr, "bench: %s took %s\n", p.name, time.Since(begin).Round(time.Second))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	r.Machine.LoadAfter = loadAverage()
	return errors.Join(append(errs, r.Save(o.json), r.Print(os.Stdout))...)
}

// bench is one run of everything.
type bench struct {
	options
	bare, ghz, fortio, following, failing string // programs
	root                                  string // where devstack's sources are
	dir                                   string // for what is built and written
}

// newBench makes the contenders from the versions in go.mod.
func newBench(ctx context.Context, o options) (*bench, error) {
	b := &bench{options: o}
	var err error
	if b.devstack, err = filepath.Abs(o.devstack); err != nil {
		return nil, err
	}
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "devstack").Output()
	if err != nil {
		return nil, fmt.Errorf("find devstack's sources: %w", err)
	}
	b.root = strings.TrimSpace(string(root))
	if b.dir, err = os.MkdirTemp("", "devstack-bench-"); err != nil {
		return nil, err
	}
	for _, program := range []struct {
		path *string
		name string
		pkg  string
	}{
		{&b.bare, "bare", "devstack/bench/cmd/bare"}, {&b.fortio, "fortio", "devstack/bench/cmd/fortio"},
		{&b.following, "follow", "devstack/bench/cmd/follow"}, {&b.failing, "failover", "devstack/bench/cmd/failover"},
		{&b.ghz, "ghz", "github.com/bojand/ghz/cmd/ghz"},
	} {
		*program.path = filepath.Join(b.dir, program.name)
		if out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", *program.path, program.pkg).CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("build %s: %w\n%s", program.pkg, err, out), os.RemoveAll(b.dir))
		}
	}
	return b, nil
}
