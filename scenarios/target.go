package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"devstack/stack"
)

// pickTargets turns a target into names of running replicas. "one" is the second replica,
// or the only one: always the same, so that a story can be told twice. "random" is one by
// the seed, "majority" more than half, "all" all, "favourite" the one that
// most calls go to, which the stack finds out itself; anything else is a name or a list.
func pickTargets(x hcl.Expression, ctx *hcl.EvalContext, running []string, rng *rand.Rand) ([]string, error) {
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		return nil, diags
	}
	if v.IsNull() {
		return nil, nil
	}
	if v.CanIterateElements() && !v.Type().Equals(cty.String) {
		var names []string
		for it := v.ElementIterator(); it.Next(); {
			_, el := it.Element()
			if !el.Type().Equals(cty.String) {
				return nil, fmt.Errorf("a target is a name, not %s", el.GoString())
			}
			names = append(names, el.AsString())
		}
		return names, nil
	}
	if !v.Type().Equals(cty.String) {
		return nil, fmt.Errorf("a target is a name or one of %s", strings.Join(targetWords, ", "))
	}
	return byWord(v.AsString(), running, rng)
}

func byWord(word string, running []string, rng *rand.Rand) ([]string, error) {
	if !slices.Contains(targetWords, word) {
		return []string{word}, nil
	}
	if len(running) == 0 {
		return nil, fmt.Errorf("target %q: no replica is running", word)
	}
	switch word {
	case stack.Favourite:
		return []string{word}, nil // known at the moment of the deed
	case "all":
		return running, nil
	case "majority":
		return running[len(running)-(len(running)/2+1):], nil
	case "random":
		return []string{running[rng.IntN(len(running))]}, nil
	}
	return []string{running[min(1, len(running)-1)]}, nil
}
