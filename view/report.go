package view

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"devstack/timeline"
)

//go:embed page
var pageFiles embed.FS

// Report writes a run as one HTML page that stands alone: it loads nothing, runs nothing
// but the player, and reads the same in light, in dark and on paper. Every word and figure is a fold of
// run, events and calls; what is missing from a record cut short is missing from the page.
// Events are in order of Seq, calls in any order.
func Report(w io.Writer, run timeline.Run, events []timeline.Event, calls []timeline.Call, player Player) error {
	tmpl, err := template.ParseFS(pageFiles, "page/report.html")
	if err != nil {
		return fmt.Errorf("parse the report's page: %w", err)
	}
	style, err := pageFiles.ReadFile("page/report.css")
	if err != nil {
		return fmt.Errorf("read the report's style: %w", err)
	}
	p := newPage(run, events, calls)
	p.Player, p.Policy = player, player.policy()
	p.Style = template.CSS(paletteCSS() + string(style))
	if err := tmpl.Execute(w, p); err != nil {
		return fmt.Errorf("write the report of %s: %w", run.ID, err)
	}
	return nil
}

// page is what the template shows, in its words.
type page struct {
	Style    template.CSS
	Policy   template.HTML
	Player   Player
	Run      timeline.Run
	Mark     string
	Met      int
	Story    []string
	Lesson   []string // paragraphs
	Checks   []check
	Falls    []fall
	Figures  []figure
	Missing  string // what the figures lack
	Moments  []moment
	Events   int
	Versions []pair
	Settings []pair
}

// check is an expectation as a row.
type check struct {
	timeline.Expectation
	Mark, Sign, Observed, Bound string
	Terms                       []string
}

// fall is a waterfall as a table with bars.
type fall struct {
	timeline.Waterfall
	Rows []fallRow
}

type fallRow struct {
	ID, Name, After string
	Width           float64 // of the bar, in percent
}

// figure is a drawing, what it says in a sentence, and what a screen reader needs beside it.
type figure struct {
	Title, Note string
	SVG         template.HTML
	Legend      []key
}

type pair struct{ Key, Value string }

func newPage(run timeline.Run, events []timeline.Event, calls []timeline.Call) *page {
	p := &page{
		Run: run, Mark: reportMark(run.Verdict), Story: Sentences(run), Lesson: paragraphs(run.Lesson),
		Versions: pairs(run.Versions), Settings: pairs(run.Settings),
	}
	units := map[string]string{}
	for _, t := range run.Terms {
		units[t.Name] = t.Unit
	}
	for _, e := range run.Expectations {
		if e.Verdict == timeline.Pass {
			p.Met++
		}
		p.Checks = append(p.Checks, newCheck(e, units))
	}
	for _, w := range run.Waterfalls {
		p.Falls = append(p.Falls, newFall(w))
	}
	if n := len(calls); n < run.Totals.RPCs {
		p.Missing = fmt.Sprintf("The record holds only %s of the %s RPCs; the figures show those.", Count(n), Count(run.Totals.RPCs))
	}
	p.Moments, p.Events = moments(events)
	p.Figures = figures(run, events, calls)
	return p
}

func newCheck(e timeline.Expectation, units map[string]string) check {
	c := check{Expectation: e, Mark: reportMark(e.Verdict), Observed: "never seen"}
	for _, t := range e.Terms {
		c.Terms = append(c.Terms, fmt.Sprintf("%s = %s", t.Name, Quantity(t.Value, cmp.Or(t.Unit, units[t.Name]))))
	}
	c.Sign = map[string]string{"within": "≤", "max": "≤", "min": "≥"}[e.Kind]
	if c.Sign == "" { // always and never hold or do not: they have no number
		c.Observed = map[timeline.Verdict]string{timeline.Pass: "held", timeline.Fail: "broken"}[e.Verdict]
		return c
	}
	if !e.Missing {
		c.Observed = Quantity(e.Observed, e.Unit)
	}
	c.Bound = c.Sign + " " + Quantity(e.Bound, e.Unit)
	return c
}

// paragraphs are the parts of text between blank lines; its other line ends are its source's.
func paragraphs(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// reportMark is a verdict as a sign that every font has.
func reportMark(v timeline.Verdict) string {
	switch v {
	case timeline.Pass:
		return "✓"
	case timeline.Fail:
		return "✕"
	}
	return "?"
}

func pairs(m map[string]string) []pair {
	var list []pair
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, pair{k, m[k]})
	}
	return list
}
