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
	"syscall"
	"time"
)

func main() {
	devstack := flag.String("devstack", "../bin/devstack", "the devstack program")
	rounds := flag.Int("rounds", 3, "times that every contender is run")
	each := flag.Duration("each", 3*time.Second, "time that a contender makes calls in")
	out := flag.String("json", "results.json", "file for the results as JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *devstack, *out, *rounds, *each); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, devstack, out string, rounds int, each time.Duration) (err error) {
	if rounds < 1 || each < time.Second {
		return errors.New("need at least one round of a second")
	}
	b := &bench{rounds: rounds, each: each}
	if b.devstack, err = filepath.Abs(devstack); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "devstack-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := b.build(ctx); err != nil {
		return err
	}
	r := results{Machine: thisMachine(ctx), Rounds: rounds, Each: each.String()}
	for _, part := range []func(context.Context) ([]row, error){b.ready, b.failover, b.closedLoop, b.openLoop} {
		rows, err := part(ctx)
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, rows...)
	}
	r.Machine.LoadAfter = loadAverage()
	if err := r.save(out); err != nil {
		return err
	}
	return r.print(os.Stdout)
}

// bench is one run of everything.
type bench struct {
	devstack, bare, ghz string // programs
	dir                 string // for what is built and written
	rounds              int
	each                time.Duration
}

// build makes the contenders from the versions in go.mod.
func (b *bench) build(ctx context.Context) error {
	b.bare, b.ghz = filepath.Join(b.dir, "bare"), filepath.Join(b.dir, "ghz")
	for path, pkg := range map[string]string{b.bare: "devstack/bench/cmd/bare", b.ghz: "github.com/bojand/ghz/cmd/ghz"} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}
