package view

import (
	"strings"
	"testing"
	"unicode/utf8"

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

func TestAValueThatDoesNotFitIsExplainedAboveTheTable(t *testing.T) {
	values := []string{`{"interval":"1s","baseEjectionTime":"3s"}`, `{}`}
	var b strings.Builder
	SideBySide(&b, "policy_config", values, []timeline.Run{{Verdict: timeline.Pass}, {Verdict: timeline.Fail}}, false)
	above, table, _ := strings.Cut(b.String(), "\n\n")
	for i, want := range []string{"(1)  policy_config = " + values[0], "(2)  policy_config = {}"} {
		if lines := strings.Split(above, "\n"); i >= len(lines) || strings.TrimSpace(lines[i]) != want {
			t.Errorf("above the table %q, want %q", above, want)
		}
	}
	head, rest, _ := strings.Cut(table, "\n")
	if strings.Join(strings.Fields(head), " ") != "policy_config (1) (2)" {
		t.Errorf("head %q", head)
	}
	rule, _, _ := strings.Cut(rest, "\n")
	if utf8.RuneCountInString(head) != utf8.RuneCountInString(rule) {
		t.Errorf("head and rule differ in width:\n%s\n%s", head, rule)
	}
}
