package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/scenarios"
	"devstack/stack"
	"devstack/timeline"
	"devstack/view"
	"devstack/view/web"
)

// runner runs scenarios, each in a folder and on a stack of its own. Its runs may be
// concurrent.
type runner struct {
	self, out string
	consul    stack.ConsulConfig
	seed      uint64
	dashboard string // URL that shows the run, "" for none

	show    func(*session) // attaches what draws the run; nil: nothing does
	gate    func(context.Context, string) error
	predict func(context.Context, timeline.Prediction) (string, error)
}

// newRunner is what runs the scenarios that c asks for. On a Consul of their own the environment's
// has no say.
func newRunner(c *cli.Context) (runner, error) {
	if c.String("consul-addr") == "" {
		forgetConsul()
	}
	path, err := self()
	return runner{self: path, out: c.String("out"), consul: consulFrom(c), seed: c.Uint64("seed")}, err
}

// used says that this process has run a scenario already: only the first one counts its
// time to ready from the exec.
var used atomic.Bool

// run plays and judges s and completes its folder, dir. It ends early, healed and stopped,
// when ctx ends or a signal comes.
func (r runner) run(ctx context.Context, s *scenarios.Scenario, set map[string]string) (run timeline.Run, dir string, err error) {
	begin, exec := started, execTime()
	if used.Swap(true) {
		begin = time.Now()
		exec = begin
	}
	sess, err := newSession(r.out, s.Name, begin)
	if err != nil {
		return run, "", err
	}
	if r.show != nil {
		r.show(sess)
	}
	sess.begin(s.Name, s.Resolve(set), r.seed)
	var running atomic.Pointer[stack.Stack]
	ctx, release := interrupts(ctx, func() {
		if st := running.Load(); st != nil {
			st.Hurry()
		}
	})
	defer release()
	run, err = s.Run(ctx, scenarios.Options{
		Stack: stack.Config{Self: r.self, Dir: sess.Dir, Timeline: sess.Log, Exec: exec, Consul: r.consul, Dashboard: r.dashboard},
		Set:   set, Seed: r.seed, Command: again(s.Name, set, r.seed), Versions: versions(),
		Gate: r.gate, Predict: r.predict, Started: func(st *stack.Stack) { running.Store(st) },
	})
	run.ID = filepath.Base(sess.Dir)
	sess.Log.Append(timeline.Event{Type: timeline.RunEnded, Src: "devstack", Msg: "run ended",
		D: timeline.Ended{Reason: "the scenario is over", Verdict: string(run.Verdict), Totals: run.Totals}})
	err = errors.Join(err, sess.close())
	return run, sess.Dir, errors.Join(scenarioError(ctx, err), save(sess.Dir, s, run))
}

// save completes the run folder.
func save(dir string, s *scenarios.Scenario, run timeline.Run) error {
	return errors.Join(
		timeline.WriteFile(filepath.Join(dir, timeline.ScenarioFile), s.Source),
		run.Save(dir), writeReports(dir, run))
}

// writeReports makes all that can be made from a run's record.
func writeReports(dir string, run timeline.Run) error {
	record, err := scenarios.ReadRecord(dir)
	player, noPlayer := web.Player(record.Events)
	return errors.Join(err, noPlayer, view.WriteFiles(dir, run, record.Events, record.Calls, player))
}

// again is what to type to run it again.
func again(name string, set map[string]string, seed uint64) string {
	args := []string{"devstack", "scenario", name}
	for _, k := range sortedKeys(set) {
		args = append(args, "--set", k+"="+set[k])
	}
	return strings.Join(append(args, "--seed", fmt.Sprint(seed)), " ")
}

// scenarioError gives an error that ended a run its exit status.
func scenarioError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(ctx), errInterrupted):
		return &exit{status: exitInterrupted, err: errors.New("interrupted; everything is healed and stopped again")}
	case errors.Is(err, stack.ErrConfig):
		return &exit{status: exitUsage, err: err}
	}
	return &exit{status: exitStack, err: err, hint: hintFor(err)}
}
