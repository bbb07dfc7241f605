package scenarios

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	mistyped "devstack/internal/nearest"
	"devstack/stack"
)

// check finds what can be found without running: durations, references between steps,
// kinds of faults, and names in formulas.
func (s *Scenario) check() hcl.Diagnostics {
	var diags hcl.Diagnostics
	sp := s.spec
	if len(sp.Steps) == 0 {
		diags = append(diags, problem(sp.Range, "no steps", fmt.Sprintf("Scenario %q does nothing.", s.Name)))
	}
	diags = append(diags, durations(sp.Range, sp.Limit)...)
	if sp.Steady != nil {
		diags = append(diags, durations(sp.Range, sp.Steady.For, sp.Steady.Within)...)
	}
	if sp.Guard != nil {
		diags = append(diags, s.checkNames(sp.Guard.NoiseMax, conditionNames())...)
	}
	if sp.Vary != nil {
		for _, v := range sp.Vary.Values {
			if _, err := configure(map[string]string{sp.Vary.Setting: v}); err != nil {
				diags = append(diags, problem(sp.Range, "unusable vary block", err.Error()))
			}
		}
	}
	seen := map[string]bool{}
	for _, st := range sp.Steps {
		diags = append(diags, s.checkStep(st, seen)...)
		seen[st.Name] = seen[st.Name] || st.Inject != nil
		if _, twice := seen[st.Name]; !twice {
			seen[st.Name] = false
		}
	}
	for _, e := range sp.Expects {
		diags = append(diags, s.checkExpect(e)...)
	}
	return diags
}

func durations(at hcl.Range, texts ...string) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, t := range texts {
		if _, err := parseDuration(t, 0); err != nil {
			diags = append(diags, problem(at, "not a duration", fmt.Sprintf("%q should look like 500ms or 2s.", t)))
		}
	}
	return diags
}

func (s *Scenario) checkStep(st *stepSpec, earlier map[string]bool) hcl.Diagnostics {
	diags := durations(st.Range, st.Wait, st.Within)
	if _, twice := earlier[st.Name]; twice {
		diags = append(diags, problem(st.Range, "two steps of one name", fmt.Sprintf("Step %q exists already.", st.Name)))
	}
	if !identifier(st.Name) {
		diags = append(diags, problem(st.Range, "unusable step name", fmt.Sprintf("%q must be letters, digits and _, because formulas name it.", st.Name)))
	}
	if st.Heal != "" && !earlier[st.Heal] {
		diags = append(diags, problem(st.Range, "nothing to heal", fmt.Sprintf("No earlier step %q injects a fault%s", st.Heal, nearest(st.Heal, slices.Collect(maps.Keys(earlier))))))
	}
	if st.Inject != nil {
		diags = append(diags, durations(st.Inject.Range, st.Inject.For)...)
		diags = append(diags, checkFault(st.Inject)...)
	}
	diags = append(diags, s.checkNames(st.Until, conditionNames())...)
	return diags
}

// checkFault finds an unknown kind, an argument that the kind does not have, and a value that
// is no use; what is a formula is known only when it is played. A kind that is mistyped has the
// arguments of the one that was meant.
func checkFault(f *injectSpec) hcl.Diagnostics {
	var diags hcl.Diagnostics
	kind, kinds := f.Kind, slices.Collect(maps.Keys(stack.Kinds()))
	if !slices.Contains(kinds, kind) {
		diags = append(diags, problem(f.Range, "unknown fault", fmt.Sprintf("There is no fault %q%s", kind, nearest(kind, kinds))))
		var near bool
		if kind, near = mistyped.Of(kind, kinds); !near {
			return diags
		}
	}
	known := stack.Arguments(kind)
	for _, name := range slices.Sorted(maps.Keys(f.Args)) {
		attr := f.Args[name]
		if !slices.Contains(known, name) {
			words := slices.Concat(known, []string{"target", "for"})
			diags = append(diags, problem(attr.NameRange, "unknown argument", fmt.Sprintf("Fault %q has no argument %q%s", kind, name, nearest(name, words))))
			continue
		}
		v, unknown := attr.Expr.Value(nil)
		text, err := convert.Convert(v, cty.String)
		if unknown.HasErrors() || err != nil || text.IsNull() {
			continue
		}
		if err := stack.CheckArgument(kind, name, text.AsString()); err != nil {
			diags = append(diags, problem(attr.Range, "unusable argument", err.Error()))
		}
	}
	return diags
}

func identifier(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

func (s *Scenario) checkExpect(e *expectSpec) hcl.Diagnostics {
	var diags hcl.Diagnostics
	kinds := 0
	for _, x := range []hcl.Expression{e.Within, e.Max, e.Min, e.Always, e.Never} {
		if written(x) {
			kinds++
		}
		diags = append(diags, s.checkNames(x, s.formulaNames())...)
	}
	diags = append(diags, s.checkNames(e.Of, s.formulaNames())...)
	if kinds != 1 {
		diags = append(diags, problem(e.Range, "unclear expectation", fmt.Sprintf("%q needs exactly one of within, max, min, always, never; it has %d.", e.Name, kinds)))
	}
	bounded := written(e.Within) || written(e.Max) || written(e.Min)
	if bounded && !written(e.Of) {
		diags = append(diags, problem(e.Range, "nothing to measure", fmt.Sprintf("%q has a bound but no \"of\".", e.Name)))
	}
	return diags
}

// written reports whether the attribute stands in the file: gohcl gives a constant null
// for one that does not.
func written(x hcl.Expression) bool {
	if x == nil {
		return false
	}
	if len(x.Variables()) > 0 {
		return true
	}
	v, diags := x.Value(staticContext())
	return diags.HasErrors() || !v.IsNull()
}

// checkNames finds names in x that no formula may use.
func (s *Scenario) checkNames(x hcl.Expression, known []string) hcl.Diagnostics {
	if x == nil {
		return nil
	}
	var diags hcl.Diagnostics
	for _, tr := range x.Variables() {
		if root := tr.RootName(); !slices.Contains(known, root) {
			diags = append(diags, problem(tr.SourceRange(), "unknown name", fmt.Sprintf("%q is not known here%s", root, nearest(root, known))))
		}
	}
	return append(diags, unknownFunctions(x)...)
}

// unknownFunctions finds calls in x of functions that there are not. A scenario in JSON has
// its formulas in text, which is looked at when it is played.
func unknownFunctions(x hcl.Expression) hcl.Diagnostics {
	node, ok := x.(hclsyntax.Node)
	if !ok {
		return nil
	}
	known := slices.Collect(maps.Keys(functions()))
	return hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		call, ok := n.(*hclsyntax.FunctionCallExpr)
		if !ok || slices.Contains(known, call.Name) {
			return nil
		}
		return hcl.Diagnostics{problem(call.NameRange, "unknown function", fmt.Sprintf("There is no %s(…)%s", call.Name, nearest(call.Name, known)))}
	})
}
