package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"devstack/timeline"
)

// Summary is a run in Markdown, short enough for a CI job page.
func Summary(r timeline.Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s %s\n\n%s\n\n", verdictMark(r.Verdict), r.Name, r.Title)
	fmt.Fprintf(&b, "**%s** in %.1f s, %d of %d RPCs failed.", strings.ToUpper(string(r.Verdict)), r.Seconds, r.Totals.Failed, r.Totals.RPCs)
	if r.Why != "" {
		fmt.Fprintf(&b, " %s", r.Why)
	}
	b.WriteString("\n\n")
	if p := r.Prediction; p != nil {
		fmt.Fprintf(&b, "%s\n\n- predicted: %s\n- in fact: %s\n\n", p.Ask, p.Said, p.Revealed)
	}
	if len(r.Expectations) > 0 {
		b.WriteString("| | expectation | observed and bound |\n| --- | --- | --- |\n")
		for _, e := range r.Expectations {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", verdictMark(e.Verdict), cell(e.Name), cell(Sentence(e)))
		}
		b.WriteByte('\n')
	}
	for _, f := range r.Waterfalls {
		fmt.Fprintf(&b, "Who knew when, after %s of %s:\n\n| layer | after |\n| --- | ---: |\n", f.Kind, strings.Join(f.Targets, ", "))
		for _, m := range f.Told() {
			after := "–"
			if m.MS != nil {
				after = Millis(*m.MS)
			}
			fmt.Fprintf(&b, "| %s %s | %s |\n", m.ID, m.Name, after)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "Again: `%s`\n", r.Command)
	return b.String()
}

func verdictMark(v timeline.Verdict) string {
	switch v {
	case timeline.Pass:
		return "✅"
	case timeline.Fail:
		return "❌"
	}
	return "❔"
}

// cell makes text safe inside a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}

// Distribution writes what several runs of one scenario came to: the pass rate, and each
// expectation's observations as min, median, 95th percentile and max.
func Distribution(w io.Writer, runs []timeline.Run, colour bool) {
	passed := 0
	for _, r := range runs {
		if r.Verdict == timeline.Pass {
			passed++
		}
	}
	p := Paint(colour)
	fmt.Fprintf(w, "\n%s  %d of %d passed\n", p.Bold(runs[0].Name), passed, len(runs))
	fmt.Fprintf(w, "  %-52s %10s %10s %10s %10s %10s\n", "observed", "min", "p50", "p95", "max", "bound")
	for i, e := range runs[0].Expectations {
		if e.Kind == "always" || e.Kind == "never" {
			continue
		}
		var seen []float64
		for _, r := range runs {
			if i < len(r.Expectations) && !r.Expectations[i].Missing {
				seen = append(seen, r.Expectations[i].Observed)
			}
		}
		unit := ""
		if e.Unit == "s" {
			unit = "s"
		}
		fmt.Fprintf(w, "  %-52s %10s %10s %10s %10s %10s\n", truncate(e.Name, 52), at(seen, 0, unit), at(seen, .5, unit), at(seen, .95, unit), at(seen, 1, unit), Quantity(e.Bound, unit))
	}
}

func at(values []float64, q float64, unit string) string {
	if len(values) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(values))
	return Quantity(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))], unit)
}

func truncate(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
