package view

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"devstack/timeline"
)

// Title writes the heading of a scenario.
func Title(w io.Writer, r timeline.ScenarioInfo, colour bool) {
	p := Paint(colour)
	fmt.Fprintf(w, "%s  %s\n", p.Bold("==> "+r.Name), r.Title)
	if len(r.Teaches) > 0 {
		fmt.Fprintf(w, "    %s\n", p.Dim("teaches: "+strings.Join(r.Teaches, ", ")))
	}
}

// waterfallWidth is the length in cells of the longest bar.
const waterfallWidth = 30

// WaterfallTable writes who knew when, one line a layer, on a logarithmic bar: the news
// of one fault takes from microseconds to seconds.
func WaterfallTable(w io.Writer, f timeline.Waterfall, colour bool) {
	p := Paint(colour)
	fmt.Fprintf(w, "%s  %s %s\n", p.Bold("who knew when"), f.Kind, strings.Join(f.Targets, ", "))
	for _, m := range f.Told() {
		if m.MS == nil {
			fmt.Fprintf(w, "  %s  %-30s %10s\n", m.ID, m.Name, "–")
			continue
		}
		fmt.Fprintf(w, "  %s  %-30s %10s  %s\n", m.ID, m.Name, Millis(*m.MS), p.Dim(bar(*m.MS)))
	}
}

// bar is one cell for each factor of 10^(1/6) above a tenth of a millisecond.
func bar(ms float64) string {
	n := 0
	for limit := 0.1; limit < ms && n < waterfallWidth; limit *= 1.4678 {
		n++
	}
	return strings.Repeat("▇", n)
}

// Expectations writes each expectation with what was seen, what was allowed, and why.
func Expectations(w io.Writer, list []timeline.Expectation, colour bool) {
	p := Paint(colour)
	for _, e := range list {
		fmt.Fprintf(w, "%s  %s\n", p.Verdict(e.Verdict, fmt.Sprintf("%-12s", strings.ToUpper(string(e.Verdict)))), e.Name)
		fmt.Fprintf(w, "%14s%s\n", "", p.Dim(Sentence(e)))
		if e.Why != "" {
			fmt.Fprintf(w, "%14s%s\n", "", e.Why)
		}
	}
}

// Sentence is an expectation's numbers in one line: what was observed, the bound, the
// formula, and the value of each of its terms.
func Sentence(e timeline.Expectation) string {
	switch e.Kind {
	case "always", "never":
		return e.Kind + " " + e.Of + termList(e.Terms)
	}
	seen := "never seen"
	if !e.Missing {
		seen = "observed " + Quantity(e.Observed, e.Unit)
	}
	sign := map[string]string{"within": "≤", "max": "≤", "min": "≥"}[e.Kind]
	s := fmt.Sprintf("%s, bound %s %s", seen, sign, Quantity(e.Bound, e.Unit))
	if e.Formula != "" {
		s += " = " + e.Formula + termList(e.Terms)
	}
	return s + "; of " + e.Of
}

func termList(terms []timeline.Term) string {
	if len(terms) == 0 {
		return ""
	}
	var parts []string
	for _, t := range terms {
		parts = append(parts, fmt.Sprintf("%s = %s", t.Name, number(t.Value)))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// Quantity is a number with its unit; seconds below one are shown in milliseconds.
func Quantity(v float64, unit string) string {
	if unit == "s" {
		return Millis(v * 1000)
	}
	if v != 1 {
		unit = plural(unit)
	}
	return strings.TrimSpace(number(v) + " " + unit)
}

// plural is the unit of a number that is not one, when the unit is a word, such as replica; a
// symbol, such as MB or RPC/s, has none.
func plural(unit string) string {
	word := len(unit) > 2 && !strings.ContainsFunc(unit, func(r rune) bool { return !unicode.IsLetter(r) })
	switch stem, y := strings.CutSuffix(unit, "y"); {
	case !word:
		return unit
	case y:
		return stem + "ies"
	case strings.HasSuffix(unit, "s"):
		return unit + "es"
	}
	return unit + "s"
}

func number(v float64) string {
	s := fmt.Sprintf("%.4g", v)
	if v == float64(int64(v)) {
		s = fmt.Sprintf("%d", int64(v))
	}
	return s
}

// VerdictLine writes the outcome of a whole run.
func VerdictLine(w io.Writer, r timeline.Run, colour bool) {
	met := 0
	for _, e := range r.Expectations {
		if e.Verdict == timeline.Pass {
			met++
		}
	}
	p := Paint(colour)
	fmt.Fprintf(w, "%s  %s: %d of %d expectations met, %d of %d RPCs failed, %.1f s\n",
		p.Verdict(r.Verdict, strings.ToUpper(string(r.Verdict))), r.Name, met, len(r.Expectations), r.Totals.Failed, r.Totals.RPCs, r.Seconds)
	if r.Why != "" {
		fmt.Fprintf(w, "      %s\n", r.Why)
	}
}
