package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"

	"devstack/timeline"
)

// WriteLoadFiles makes summary.md and report.html of a load's folder. One that cannot be
// made does not keep back the other.
func WriteLoadFiles(dir string, run LoadRun, series LoadSeries) error {
	var page bytes.Buffer
	return errors.Join(
		timeline.WriteFile(filepath.Join(dir, timeline.SummaryFile), []byte(LoadSummary(run, series))),
		LoadReport(&page, run, series),
		timeline.WriteFile(filepath.Join(dir, timeline.ReportFile), page.Bytes()))
}

// LoadReport writes a load as one HTML page that stands alone, as Report does with a run.
// run.Load must not be nil; a series without bins leaves the figures out.
func LoadReport(w io.Writer, run LoadRun, series LoadSeries) error {
	tmpl, err := template.ParseFS(pageFiles, "page/load.html")
	if err != nil {
		return fmt.Errorf("parse the page of a load: %w", err)
	}
	css := paletteCSS()
	for _, name := range []string{"page/report.css", "page/load.css"} {
		part, err := pageFiles.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the style of a load's page: %w", err)
		}
		css += string(part)
	}
	p := newLoadPage(run, series)
	p.Style = template.CSS(css)
	if err := tmpl.Execute(w, p); err != nil {
		return fmt.Errorf("write the report of %s: %w", run.ID, err)
	}
	return nil
}

// loadPage is what the template shows, in its words.
type loadPage struct {
	Style     template.CSS
	Run       LoadRun
	Tone      string // class of the outcome
	Outcome   string
	Story     []string
	Missing   string // what rpcs.ndjson.gz lacks
	Headline  []pair
	Names     []string // of the columns of Latencies
	Latencies []row
	Counts    []counts // answers by backend, failures by code
	Figures   []figure
	Unit      string // what a row of Bins is
	Bins      []row
	HasCodes  bool
	Versions  []pair
	Settings  []pair
}

// row is a line of a table: its head, its cells, and the length of its bar in percent.
type row struct {
	Head  string
	Cells []string
	Bar   float64
}

// counts is a table of what was counted by name.
type counts struct {
	Title string
	Rows  []row
}

func newLoadPage(run LoadRun, series LoadSeries) *loadPage {
	r := run.Load
	p := &loadPage{
		Run: run, Outcome: outcome(r), Story: loadStory(r), Missing: dropped(series), Headline: headline(r),
		Names: quantileNames, Latencies: latencyRows(r),
		Counts:  []counts{{"Answered by", countRows(r.Share, r.OK)}, {"Failed with", countRows(r.Errors, r.Calls)}},
		Figures: loadFigures(r, series), Bins: binRows(series.Bins), Unit: binUnit(series.Bins), HasCodes: len(r.Errors) > 0,
		Versions: pairs(run.Versions), Settings: pairs(run.Settings),
	}
	switch {
	case r.OK == 0:
		p.Tone = "fail"
	case r.Behind:
		p.Tone = "inconclusive"
	}
	return p
}

// LoadSummary is a load in Markdown, short enough for a CI job page.
func LoadSummary(run LoadRun, series LoadSeries) string {
	r := run.Load
	var b strings.Builder
	fmt.Fprintf(&b, "## Load of %s\n\n**%s** %s.\n\n", cell(shownMethod(r)), outcome(r), capital(r.Loop)+" loop, "+r.Pace)
	for _, s := range loadStory(r) {
		b.WriteString(cell(s) + "\n")
	}
	b.WriteString("\n| latency | " + strings.Join(quantileNames, " | ") + " |\n| --- |" + strings.Repeat(" ---: |", len(quantileNames)) + "\n")
	for _, l := range latencyRows(r) {
		fmt.Fprintf(&b, "| %s | %s |\n", l.Head, strings.Join(l.Cells, " | "))
	}
	markdownCounts(&b, "answered by", countRows(r.Share, r.OK))
	markdownCounts(&b, "failed with", countRows(r.Errors, r.Calls))
	if s := dropped(series); s != "" {
		b.WriteString("\n" + s + "\n")
	}
	fmt.Fprintf(&b, "\nAgain: `%s`\n", run.Command)
	return b.String()
}

func markdownCounts(b *strings.Builder, title string, rows []row) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | calls | share |\n| --- | ---: | ---: |\n", title)
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", cell(r.Head), strings.Join(r.Cells, " | "))
	}
}
