package scenarios

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"devstack/stack"
	"devstack/timeline"
)

// Options are what a run needs beside its scenario. Self, Dir and Timeline are required.
type Options struct {
	Stack stack.Config // Self, Dir, Timeline, Consul, Exec, Log; the scenario sets the rest
	Set   map[string]string
	Seed  uint64

	// Gate, when not nil, is asked before each step and may wait; an error ends the run.
	Gate func(ctx context.Context, step string) error
	// Predict, when not nil, asks a question before the first fault and returns the answer, "" for none.
	Predict func(ctx context.Context, p timeline.Prediction) (string, error)
	// Started, when not nil, is given the stack once it answers.
	Started func(*stack.Stack)

	Command  string // what a person would type to do it again
	Versions map[string]string
}

// The limits of a run that its author did not set.
const (
	defaultLimit  = 60 * time.Second
	defaultSteady = time.Second
	defaultWithin = 15 * time.Second
	// healLimit is how long healing and stopping may take when a run was interrupted.
	healLimit = 20 * time.Second
)

// ErrHeal means that something broken could not be repaired.
var ErrHeal = errors.New("not healed")

// Run plays the scenario on a stack of its own and judges it. The Run that it returns is
// complete as far as the run went, whatever the error. An error means that the stack could
// not start or heal, or that ctx ended; a failed expectation is a verdict, not an error.
func (s *Scenario) Run(ctx context.Context, o Options) (timeline.Run, error) {
	cfg, run, err := s.prepare(o)
	if err != nil {
		return run, err
	}
	limit, _ := parseDuration(s.spec.Limit, defaultLimit) // checked by Parse
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the scenario took longer than its limit of %s", limit))
	defer cancel()
	cfg.Timeline.Append(timeline.Event{
		Type: timeline.ScenarioStarted, Src: "scenario", Msg: fmt.Sprintf("%s: %s", s.Name, s.Title),
		D: timeline.ScenarioInfo{Name: s.Name, Title: s.Title, Teaches: s.Teaches, Steps: s.stepNames()},
	})
	p := &player{s: s, o: o, replicas: cfg.Replicas, log: cfg.Timeline, terms: run.Terms, rng: rand.New(rand.NewPCG(o.Seed, 1)), faults: map[string]int{}}
	if p.unfit = s.unfit(cfg); p.unfit == "" {
		err = p.play(limited, cfg)
	}
	return s.conclude(run, p, cfg, err)
}

func (s *Scenario) stepNames() []string {
	var names []string
	for _, st := range s.spec.Steps {
		names = append(names, st.Name)
	}
	return names
}

// prepare resolves the set-up: defaults, then the file, then --set.
func (s *Scenario) prepare(o Options) (stack.Config, timeline.Run, error) {
	values := maps.Clone(s.settings)
	maps.Copy(values, o.Set)
	cfg, err := configure(values)
	if err != nil {
		return cfg, timeline.Run{}, fmt.Errorf("set up %s: %w", s.Name, err)
	}
	base := o.Stack
	cfg.Self, cfg.Dir, cfg.Timeline, cfg.Log, cfg.Exec, cfg.Consul, cfg.Seed = base.Self, base.Dir, base.Timeline, base.Log, base.Exec, base.Consul.Over(cfg.Consul), o.Seed
	cfg = cfg.Resolved()
	return cfg, timeline.Run{
		V: timeline.SchemaVersion, Name: s.Name, Title: s.Title, Lesson: s.Lesson, Teaches: s.Teaches,
		Started: base.Timeline.Start().UTC(), Seed: o.Seed, Command: o.Command, Versions: o.Versions,
		Host:     timeline.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()},
		Settings: resolvedSettings(cfg, values), Terms: terms(cfg), Verdict: timeline.Inconclusive,
		Expectations: []timeline.Expectation{}, Waterfalls: []timeline.Waterfall{},
	}, nil
}

// resolvedSettings are the knobs that matter to a reader, as they were in the end.
func resolvedSettings(c stack.Config, values map[string]string) map[string]string {
	m := map[string]string{
		"replicas": fmt.Sprint(c.Replicas), "rate": fmt.Sprint(c.Rate), "policy": c.Policy, "check": string(c.Check.Kind),
		"interval": c.Check.Interval.String(), "timeout": c.Check.Timeout.String(), "deadline": c.Deadline.String(), "resolver": c.Resolver,
	}
	maps.Copy(m, values)
	return m
}

// conclude judges what was recorded.
func (s *Scenario) conclude(run timeline.Run, p *player, cfg stack.Config, err error) (timeline.Run, error) {
	run.Seconds = time.Since(cfg.Timeline.Start()).Seconds()
	run.Totals, run.NoiseMS = p.totals, float64(p.noise.Microseconds())/1000
	run.Prediction = p.prediction
	if p.unfit != "" || err != nil {
		run.Verdict, run.Why = timeline.Inconclusive, p.unfit
		if run.Why == "" {
			run.Why = firstLine(err)
		}
	}
	calls, readErr := readCalls(cfg.Dir, cfg.Timeline.Events())
	record := Record{Events: cfg.Timeline.Events(), Calls: calls}
	run.Waterfalls = timeline.Waterfalls(record.Events)
	if run.Why == "" {
		run.Expectations = slices.Concat(s.Judge(record, run.Terms, p.noise.Seconds()), p.implied)
		var verdicts []timeline.Verdict
		for _, e := range run.Expectations {
			verdicts = append(verdicts, e.Verdict)
			p.tellExpectation(e)
		}
		run.Verdict = timeline.Worst(verdicts...)
		if s.tooNoisy(run.Verdict, run.Terms, p.noise) {
			run.Verdict, run.Why = timeline.Inconclusive, fmt.Sprintf("a timer on this machine was late by %s", p.noise)
		}
	}
	sev := map[timeline.Verdict]timeline.Sev{timeline.Pass: timeline.Good, timeline.Fail: timeline.Bad, timeline.Inconclusive: timeline.Warn}[run.Verdict]
	cfg.Timeline.Append(timeline.Event{
		Type: timeline.ScenarioEnded, Src: "scenario", Sev: sev, Msg: strings.TrimSpace(fmt.Sprintf("%s: %s %s", s.Name, run.Verdict, run.Why)),
		D: timeline.Outcome{Verdict: run.Verdict, Why: run.Why},
	})
	return run, errors.Join(err, readErr)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// tooNoisy reports whether a machine with timers that late can tell: by the scenario's own
// guard, which also a good verdict must respect, or else by doubting failures only.
func (s *Scenario) tooNoisy(v timeline.Verdict, setup []timeline.Term, noise time.Duration) bool {
	if g := s.spec.Guard; g != nil && written(g.NoiseMax) {
		limit, err := evaluate(g.NoiseMax, setupContext(setup, nil))
		return err == nil && noise.Seconds() > limit
	}
	return v == timeline.Fail && noise > slack/2
}
