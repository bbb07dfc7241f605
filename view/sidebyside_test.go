package view

import (
	"strings"
	"testing"

	"devstack/timeline"
)

// An expectation that only one run has must not move the others' rows.
func TestRowsGoByName(t *testing.T) {
	slow := timeline.Expectation{Name: "step restart comes to its end", Kind: "within", Missing: true, Verdict: timeline.Fail}
	steady := timeline.Expectation{Name: "steady", Kind: "always", Verdict: timeline.Pass}
	runs := []timeline.Run{
		{Verdict: timeline.Pass, Expectations: []timeline.Expectation{steady}},
		{Verdict: timeline.Fail, Expectations: []timeline.Expectation{slow, steady}},
	}
	var b strings.Builder
	SideBySide(&b, "policy", []string{"round_robin", "pick_first"}, runs, false)
	rows := map[string]string{}
	for line := range strings.Lines(b.String()) {
		for _, name := range []string{slow.Name, steady.Name} {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok {
				rows[name] = strings.Join(strings.Fields(rest), " ")
			}
		}
	}
	if rows[steady.Name] != "pass pass" || rows[slow.Name] != "– never seen" {
		t.Errorf("%q in\n%s", rows, b.String())
	}
}
