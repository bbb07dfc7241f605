package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"devstack/stack"
	"devstack/timeline"
)

// player carries one run through its phases.
type player struct {
	s     *Scenario
	o     Options
	log   *timeline.Log
	terms []timeline.Term
	rng   *rand.Rand

	stack    *stack.Stack
	faults   map[string]int // step → fault that it injected
	victims  []string
	replicas int // that the story means to have: a replica that is missing is not steady
	asked    bool

	prediction *timeline.Prediction // nil when nobody made one

	unfit   string // why the experiment did not happen as written, "" while it does
	implied []timeline.Expectation
	totals  timeline.Totals
	noise   time.Duration
}

// play runs all phases. Heal and stop happen on every way out, a panic included.
func (p *player) play(ctx context.Context, cfg stack.Config) (err error) {
	st, err := stack.Start(ctx, cfg)
	if err != nil {
		return fmt.Errorf("start the stack: %w", err)
	}
	p.stack = st
	defer func() {
		p.noise = st.Noise()
		st.Close()
		p.totals = st.Totals()
	}()
	if p.o.Started != nil {
		p.o.Started(st)
	}
	return p.story(ctx)
}

func (p *player) story(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, p.healAll(ctx)) }()
	p.tellStep("steady", "steady", 0)
	if err := p.steady(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p.unfit = "the steady state never came: " + err.Error()
		return nil
	}
	if err := p.calm(ctx); err != nil {
		return err
	}
	for i, st := range p.s.spec.Steps {
		if err := p.step(ctx, i, st); err != nil || p.unfit != "" {
			return err
		}
	}
	if err := p.healAll(ctx); err != nil {
		return err
	}
	err = p.verify(ctx)
	p.tellStep("end", "end", len(p.s.spec.Steps)+1) // from here on the stack is taken down
	return err
}

// calm waits until a young Consul passes on what its checks find at once, so that a fault
// meets the same Consul in every run.
func (p *player) calm(ctx context.Context) error {
	left := p.stack.SyncStaggerLeft()
	if left == 0 {
		return nil
	}
	p.log.Append(timeline.Event{Type: timeline.ScenarioSaid, Src: "scenario",
		Msg: fmt.Sprintf("Waiting %s more: for %s after an election a Consul agent may sit on what its checks find.", left.Round(100*time.Millisecond), stack.SyncStagger)})
	return p.wait(ctx, left)
}

// healAll repairs what is still broken, even when ctx has ended.
func (p *player) healAll(ctx context.Context) error {
	if len(p.stack.Open()) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healLimit)
	defer cancel()
	if err := p.stack.HealAll(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrHeal, err)
	}
	return nil
}

// steady waits until picks are even over all replicas, and holds that for a while in
// which no call may fail.
func (p *player) steady(ctx context.Context) error {
	spec := p.s.spec.Steady
	if spec == nil {
		spec = &steadySpec{}
	}
	hold, _ := parseDuration(spec.For, defaultSteady)
	within, _ := parseDuration(spec.Within, defaultWithin)
	cfg := p.stack.Config()
	want := awaited{"balanced", p.replicas}
	switch {
	case cfg.Policy == "pick_first":
		want = awaited{"ready", 1}
	case cfg.Replica.FixedID != "":
		want = awaited{"balanced", 1}
	case cfg.Policy != "round_robin":
		want = awaited{"ready", min(p.replicas, cfg.Subset())} // other policies do not promise even picks
	}
	from := p.now()
	p.stack.Recount()
	for _, client := range p.stack.Clients() {
		if err := p.until(ctx, client, want, from, within); err != nil {
			return err
		}
	}
	from = p.now()
	if err := p.wait(ctx, hold); err != nil {
		return err
	}
	if n := (Record{Events: p.log.Events()}).events(timeline.RPCFailed, window{from, p.now()}); n > 0 {
		return fmt.Errorf("%d %w in %s", n, errCallsFailed, hold)
	}
	return nil
}

// errCallsFailed is the part of an unsteady state that a machine which stood still may have made.
var errCallsFailed = errors.New("calls failed")

// verify checks the steady state again, as an expectation of its own.
func (p *player) verify(ctx context.Context) error {
	if p.s.spec.Steady != nil && p.s.spec.Steady.Skip {
		return nil
	}
	p.tellStep("verify", "verify", len(p.s.spec.Steps)+1)
	e := timeline.Expectation{Name: "the steady state is back after the heal", Kind: "always", Of: "steady", Observed: 1, Verdict: timeline.Pass, At: p.now()}
	if err := p.steady(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		e.Verdict, e.Observed, e.Why = timeline.Fail, 0, err.Error()
		if errors.Is(err, errCallsFailed) {
			doubtSteady(&e, Record{Events: p.log.Events()}.stall(window{e.At, p.now()}))
		}
	}
	p.implied = append(p.implied, e)
	return nil
}

func (p *player) now() float64 { return p.log.At(time.Now()) }

// step does one step, in the order in which a reader would expect its parts.
func (p *player) step(ctx context.Context, i int, st *stepSpec) error {
	if err := p.predict(ctx, st); err != nil {
		return err
	}
	if err := p.gate(ctx, st.Name); err != nil {
		return err
	}
	p.tellStep(st.Name, phase(st), i+1)
	began := p.now()
	p.stack.Recount()
	if err := p.say(st); err != nil {
		return err
	}
	for _, do := range []func(context.Context, *stepSpec) error{p.inject, p.heal, p.scale, p.rate} {
		if err := do(ctx, st); err != nil {
			return err
		}
		if p.unfit != "" {
			return nil
		}
	}
	if err := p.stepUntil(ctx, st, began); err != nil {
		return err
	}
	pause, _ := parseDuration(st.Wait, 0)
	return p.wait(ctx, pause)
}

// gate lets a person decide when the step begins.
func (p *player) gate(ctx context.Context, step string) error {
	if p.o.Gate == nil {
		return nil
	}
	tell := func(t timeline.Type, msg string) {
		p.log.Append(timeline.Event{Type: t, Src: "scenario", Msg: msg, D: timeline.Gate{For: step}})
	}
	tell(timeline.ScenarioGateWaiting, "waiting before step "+step)
	if err := p.o.Gate(ctx, step); err != nil {
		return err
	}
	tell(timeline.ScenarioGatePassed, "on to step "+step)
	return nil
}

func phase(st *stepSpec) string {
	switch {
	case st.Inject != nil:
		return "inject"
	case st.Heal != "":
		return "heal"
	}
	return "observe"
}

func (p *player) tellStep(name, phase string, n int) {
	p.log.Append(timeline.Event{
		Type: timeline.ScenarioStep, Src: "scenario", Msg: name,
		D: timeline.Step{Name: name, N: n, Of: len(p.s.spec.Steps), Phase: phase},
	})
}

func (p *player) context() *hcl.EvalContext {
	return setupContext(p.terms, map[string]cty.Value{"victims": cty.StringVal(strings.Join(p.victims, ", "))})
}

func (p *player) say(st *stepSpec) error {
	if !written(st.Say) {
		return nil
	}
	v, diags := st.Say.Value(p.context())
	text, err := convert.Convert(v, cty.String)
	if diags.HasErrors() || err != nil || text.IsNull() {
		return fmt.Errorf("step %s: say: %w", st.Name, errors.Join(diags, err))
	}
	p.log.Append(timeline.Event{Type: timeline.ScenarioSaid, Src: "scenario", Msg: strings.TrimSpace(text.AsString())})
	return nil
}

// predict asks before the first fault, while everything is still calm.
func (p *player) predict(ctx context.Context, st *stepSpec) error {
	q := p.s.spec.Predict
	if q == nil || p.o.Predict == nil || p.asked || st.Inject == nil {
		return nil
	}
	p.asked = true
	d := timeline.Prediction{Ask: q.Ask, Options: q.Options, Revealed: q.Answer}
	said, err := p.o.Predict(ctx, d)
	if err != nil {
		return err
	}
	if said == "" {
		return nil
	}
	d.Said = said
	p.prediction = &d
	p.log.Append(timeline.Event{Type: timeline.ScenarioPredicted, Src: "user", Msg: said, D: d})
	return nil
}

func (p *player) inject(ctx context.Context, st *stepSpec) error {
	if st.Inject == nil {
		return nil
	}
	targets, err := pickTargets(st.Inject.Target, p.context(), p.stack.Running(), p.rng)
	if err != nil {
		return fmt.Errorf("step %s: %w", st.Name, err)
	}
	order := stack.Order{Kind: st.Inject.Kind, Targets: targets, Step: st.Name, Args: map[string]string{}}
	order.For, _ = parseDuration(st.Inject.For, 0)
	for name, attr := range st.Inject.Args {
		v, diags := attr.Expr.Value(p.context())
		text, err := convert.Convert(v, cty.String)
		if diags.HasErrors() || err != nil || text.IsNull() {
			return fmt.Errorf("step %s: %s: %w", st.Name, name, errors.Join(diags, err))
		}
		order.Args[name] = text.AsString()
	}
	fault, err := p.stack.Inject(ctx, order)
	if err != nil {
		p.unfit = "the fault did not happen: " + firstLine(err)
		return nil
	}
	p.faults[st.Name], p.victims = fault.ID, fault.Targets
	return nil
}

func (p *player) heal(ctx context.Context, st *stepSpec) error {
	if st.Heal == "" {
		return nil
	}
	if err := p.stack.Heal(ctx, p.faults[st.Heal]); err != nil {
		return fmt.Errorf("%w: %w", ErrHeal, err)
	}
	return nil
}

func (p *player) scale(ctx context.Context, st *stepSpec) error {
	if !written(st.Scale) {
		return nil
	}
	n, err := evaluate(st.Scale, p.context())
	if err != nil {
		return fmt.Errorf("step %s: scale: %w", st.Name, err)
	}
	if _, _, err := p.stack.Scale(ctx, int(n)); err != nil {
		return fmt.Errorf("step %s: scale to %v: %w", st.Name, n, err)
	}
	p.replicas = int(n)
	return nil
}

func (p *player) rate(_ context.Context, st *stepSpec) error {
	if !written(st.Rate) {
		return nil
	}
	n, err := evaluate(st.Rate, p.context())
	if err != nil {
		return fmt.Errorf("step %s: rate: %w", st.Name, err)
	}
	return p.stack.SetRate(n)
}

// stepUntil waits for the step's condition. One that does not come in time is a failed
// expectation, and the story goes on.
func (p *player) stepUntil(ctx context.Context, st *stepSpec, began float64) error {
	if !written(st.Until) {
		return nil
	}
	v, diags := st.Until.Value(p.context())
	if diags.HasErrors() || !v.Type().Equals(cty.String) {
		return fmt.Errorf("step %s: until: %w", st.Name, errors.Join(diags, errors.New("not a condition")))
	}
	want, err := parseAwaited(v.AsString())
	if err != nil {
		return fmt.Errorf("step %s: until: %w", st.Name, err)
	}
	within, _ := parseDuration(st.Within, defaultWithin)
	if err := p.until(ctx, timeline.FirstClient, want, began, within); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p.implied = append(p.implied, timeline.Expectation{
			Name: fmt.Sprintf("step %s comes to its end", st.Name), Kind: "within", Of: want.String(), Formula: within.String(), Bound: within.Seconds(),
			Unit: "s", Missing: true, Verdict: timeline.Fail, Why: err.Error(), At: p.now(),
		})
	}
	return nil
}

// until waits until a condition is true for a client, judged over everything recorded so
// far and since.
func (p *player) until(ctx context.Context, client string, want awaited, since float64, within time.Duration) error {
	late := fmt.Errorf("%s did not come within %s", want, within)
	if client != timeline.FirstClient {
		late = fmt.Errorf("%s: %w", client, late)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, within, late)
	defer cancel()
	var b beliefs
	_, err := p.log.Await(ctx, 0, func(e timeline.Event) bool {
		if e, ok := seenBy(client, e); ok {
			b.add(e)
		}
		return e.T >= since && b.holds(want, since)
	})
	return err
}

func (p *player) wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *player) tellExpectation(e timeline.Expectation) {
	t, sev := timeline.ScenarioExpectMet, timeline.Good
	if e.Verdict != timeline.Pass {
		t, sev = timeline.ScenarioExpectFailed, timeline.Bad
	}
	p.log.Append(timeline.Event{Type: t, Src: "scenario", Sev: sev, Msg: fmt.Sprintf("%s: %s", e.Verdict, e.Name), D: e})
}
