package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"devstack/timeline"
)

// The widths of the names and of each run's column.
const nameWidth, runWidth = 52, 22

// SideBySide writes runs of one scenario that differ in one setting, a column each.
func SideBySide(w io.Writer, setting string, values []string, runs []timeline.Run, colour bool) {
	p := Paint(colour)
	row := func(name string, cell func(timeline.Run) string, paint func(timeline.Run, string) string) {
		fmt.Fprintf(w, "  %-*s", nameWidth, truncate(name, nameWidth))
		for _, r := range runs {
			fmt.Fprint(w, paint(r, fmt.Sprintf(" %*s", runWidth, truncate(cell(r), runWidth))))
		}
		fmt.Fprintln(w)
	}
	plain := func(_ timeline.Run, s string) string { return s }
	heads := headsOf(w, setting, values)
	fmt.Fprintf(w, "  %-*s", nameWidth, setting)
	for _, h := range heads {
		fmt.Fprintf(w, " %*s", runWidth, h)
	}
	fmt.Fprintf(w, "\n  %s\n", strings.Repeat("─", nameWidth+(runWidth+1)*len(runs)))
	row("verdict", func(r timeline.Run) string { return string(r.Verdict) }, func(r timeline.Run, s string) string { return p.Verdict(r.Verdict, s) })
	row("RPCs failed", func(r timeline.Run) string { return fmt.Sprintf("%d of %d", r.Totals.Failed, r.Totals.RPCs) }, plain)
	for _, name := range namesOf(runs) {
		row(name, func(r timeline.Run) string { return seen(r, name) }, func(r timeline.Run, s string) string {
			if e, ok := expectation(r, name); ok {
				return p.Verdict(e.Verdict, s)
			}
			return s
		})
	}
	for i := range waterfallsOf(runs) {
		f := waterfallsOf(runs)[i]
		for _, m := range f.Told() {
			row(fmt.Sprintf("%s %s: %s", m.ID, f.Kind, m.Name), func(r timeline.Run) string { return mark(r, i, m.ID) }, plain)
		}
	}
}

// headsOf heads the columns with the values, or, when one does not fit, with numbers that it explains first.
func headsOf(w io.Writer, setting string, values []string) []string {
	if !slices.ContainsFunc(values, func(v string) bool { return utf8.RuneCountInString(v) > runWidth }) {
		return values
	}
	heads := make([]string, len(values))
	for i, v := range values {
		heads[i] = fmt.Sprintf("(%d)", i+1)
		fmt.Fprintf(w, "  %s  %s = %s\n", heads[i], setting, v)
	}
	fmt.Fprintln(w)
	return heads
}

// namesOf lists the expectations of all runs, each once: a step that did not come to its
// end in time is an expectation that only one of the runs may have.
func namesOf(runs []timeline.Run) []string {
	var names []string
	for _, r := range runs {
		for _, e := range r.Expectations {
			if !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

func expectation(r timeline.Run, name string) (timeline.Expectation, bool) {
	i := slices.IndexFunc(r.Expectations, func(e timeline.Expectation) bool { return e.Name == name })
	if i < 0 {
		return timeline.Expectation{}, false
	}
	return r.Expectations[i], true
}

func waterfallsOf(runs []timeline.Run) (longest []timeline.Waterfall) {
	for _, r := range runs {
		if len(r.Waterfalls) > len(longest) {
			longest = r.Waterfalls
		}
	}
	return longest
}

func seen(r timeline.Run, name string) string {
	e, ok := expectation(r, name)
	switch {
	case !ok:
		return "–"
	case e.Kind == "always" || e.Kind == "never":
		return string(e.Verdict)
	case e.Missing:
		return "never seen"
	}
	sign := map[string]string{"within": "≤", "max": "≤", "min": "≥"}[e.Kind]
	unit := ""
	if e.Unit == "s" {
		unit = "s"
	}
	return Quantity(e.Observed, unit) + " " + sign + " " + Quantity(e.Bound, unit)
}

// mark is what a run's i-th fault has at a mark, a dash when it has nothing there.
func mark(r timeline.Run, i int, id string) string {
	if i < len(r.Waterfalls) {
		if ms, ok := r.Waterfalls[i].Mark(id); ok {
			return Millis(ms)
		}
	}
	return "–"
}
