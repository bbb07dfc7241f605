package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"devstack/timeline"
)

// Judge holds a record against the scenario's expectations. It looks at nothing else, and
// the same record always gets the same verdicts. noise is how late a timer fired on that
// machine, in seconds: a failure on a machine that was late itself proves nothing.
func (s *Scenario) Judge(r Record, setup []timeline.Term, noise float64) []timeline.Expectation {
	ctx := setupContext(setup, observations(r))
	windows, _ := windowsOf(r)
	var out []timeline.Expectation
	for _, e := range s.spec.Expects {
		judged := s.judge(e, ctx)
		stall := 0.0
		for _, tr := range e.Of.Variables() {
			stall = max(stall, r.stall(windows[tr.RootName()]))
		}
		doubt(&judged, noise, stall)
		out = append(out, judged)
	}
	return out
}

// doubt takes back a failure that the machine may have made: a time limit missed while it
// was late by half of that, a count missed while it stood still for half of the slack.
// What never happened at all is no matter of a moment.
func doubt(e *timeline.Expectation, noise, stall float64) {
	if e.Verdict != timeline.Fail || e.Missing {
		return
	}
	late, limit := stall, slack.Seconds()/2
	switch e.Kind {
	case "within":
		late, limit = max(noise, stall), e.Bound/2
	case "max", "min":
	default:
		return
	}
	if late > limit {
		e.Verdict = timeline.Inconclusive
		e.Why = fmt.Sprintf("missed, but meanwhile this machine was late by %.0f ms", late*1000)
	}
}

// doubtSteady takes back that calls failed in the steady state, when the machine stood still in that time.
func doubtSteady(e *timeline.Expectation, stall float64) {
	if stall > slack.Seconds()/2 {
		e.Verdict = timeline.Inconclusive
		e.Why += fmt.Sprintf(", but meanwhile this machine was late by %.0f ms", stall*1000)
	}
}

func (s *Scenario) judge(e *expectSpec, ctx *hcl.EvalContext) timeline.Expectation {
	out := timeline.Expectation{Name: e.Name, Unit: e.Unit, Of: s.text(e.Of)}
	switch {
	case written(e.Always):
		out.Kind, out.Of = "always", s.text(e.Always)
		judgeTruth(&out, e.Always, ctx, true)
	case written(e.Never):
		out.Kind, out.Of = "never", s.text(e.Never)
		judgeTruth(&out, e.Never, ctx, false)
	case written(e.Within):
		out.Kind, out.Unit = "within", "s"
		s.judgeBound(&out, e.Within, e.Of, ctx)
	case written(e.Max):
		out.Kind = "max"
		s.judgeBound(&out, e.Max, e.Of, ctx)
	default:
		out.Kind = "min"
		s.judgeBound(&out, e.Min, e.Of, ctx)
	}
	return out
}

// judgeTruth computes a yes or no; a number counts as yes when it is not zero.
func judgeTruth(out *timeline.Expectation, x hcl.Expression, ctx *hcl.EvalContext, want bool) {
	out.Terms = termsOf(x, ctx)
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		cannotJudge(out, diags)
		return
	}
	if n, err := asNumber(v); err == nil && !v.Type().Equals(cty.Bool) {
		v, out.Observed = cty.BoolVal(n != 0), n
	}
	if v.IsNull() || !v.Type().Equals(cty.Bool) {
		out.Verdict, out.Missing, out.Why = timeline.Fail, true, "there is nothing to tell it by"
		return
	}
	if v.True() {
		out.Observed = max(out.Observed, 1)
	}
	out.Verdict = verdict(v.True() == want)
}

func verdict(ok bool) timeline.Verdict {
	if ok {
		return timeline.Pass
	}
	return timeline.Fail
}

func (s *Scenario) judgeBound(out *timeline.Expectation, bound, of hcl.Expression, ctx *hcl.EvalContext) {
	out.Formula = s.text(bound)
	out.Terms = termsOf(bound, ctx)
	limit, err := evaluate(bound, ctx)
	if err != nil {
		cannotJudge(out, err)
		return
	}
	out.Bound = limit
	v, diags := of.Value(ctx)
	if diags.HasErrors() {
		cannotJudge(out, diags)
		return
	}
	if v.IsNull() {
		out.Verdict, out.Missing, out.Why = timeline.Fail, true, "it was not seen"
		return
	}
	n, err := asNumber(v)
	if err != nil {
		cannotJudge(out, err)
		return
	}
	out.Observed = n
	if out.Kind == "min" {
		out.Verdict = verdict(n >= limit)
	} else {
		out.Verdict = verdict(n <= limit)
	}
}

// cannotJudge is for a formula that has no value in this record: the experiment did not
// go as its author thought, which is neither good nor bad.
func cannotJudge(out *timeline.Expectation, err error) {
	out.Verdict, out.Missing = timeline.Inconclusive, true
	out.Why = "cannot be computed: " + strings.ReplaceAll(err.Error(), "\n", "; ")
}

func evaluate(x hcl.Expression, ctx *hcl.EvalContext) (float64, error) {
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		return 0, diags
	}
	return asNumber(v)
}

func asNumber(v cty.Value) (float64, error) {
	n, err := convert.Convert(v, cty.Number)
	if err != nil || n.IsNull() || !n.IsKnown() {
		return 0, fmt.Errorf("%s is not a number", v.GoString())
	}
	f, _ := n.AsBigFloat().Float64()
	return f, nil
}

// text is an expression as its author wrote it.
func (s *Scenario) text(x hcl.Expression) string {
	if x == nil || !written(x) {
		return ""
	}
	rng := x.Range()
	if !rng.CanSliceBytes(s.Source) {
		return ""
	}
	return strings.Join(strings.Fields(string(rng.SliceBytes(s.Source))), " ")
}

// termsOf lists the names in x with their values, each once, in the order of the text.
func termsOf(x hcl.Expression, ctx *hcl.EvalContext) []timeline.Term {
	var out []timeline.Term
	for _, tr := range x.Variables() {
		name := traversalText(tr)
		if slices.ContainsFunc(out, func(t timeline.Term) bool { return t.Name == name }) {
			continue
		}
		v, diags := tr.TraverseAbs(ctx)
		if diags.HasErrors() {
			continue
		}
		if n, err := asNumber(v); err == nil {
			out = append(out, timeline.Term{Name: name, Value: n})
		}
	}
	return out
}

func traversalText(tr hcl.Traversal) string {
	name := tr.RootName()
	for _, step := range tr[1:] {
		switch s := step.(type) {
		case hcl.TraverseAttr:
			name += "." + s.Name
		case hcl.TraverseIndex:
			if s.Key.Type().Equals(cty.String) {
				name += fmt.Sprintf("[%q]", s.Key.AsString())
			}
		}
	}
	return name
}
