package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func shownMethod(r *LoadResult) string { return strings.TrimSpace(r.Target + " " + r.Method) }

// outcome is the load in one sentence.
func outcome(r *LoadResult) string {
	words := fmt.Sprintf("%s calls in %.1f s, %s.", Count(int(r.Calls)), r.Seconds, failures(r))
	if r.Interrupted {
		words = "Interrupted: " + words
	}
	return words
}

func failures(r *LoadResult) string {
	switch failed := r.Calls - r.OK; failed {
	case 0:
		return "none failed"
	default:
		return fmt.Sprintf("%s failed (%s)", Count(int(failed)), percent(failed, r.Calls))
	}
}

func percent(n, all uint64) string {
	return fmt.Sprintf("%.3g %%", 100*float64(n)/float64(max(all, 1)))
}

// loadStory says what a reader should not miss.
func loadStory(r *LoadResult) []string {
	if r.Calls == 0 {
		return []string{"No call was made."}
	}
	from := "From when it was due, half"
	if r.TargetRate == nil {
		from = "Half"
	}
	list := []string{fmt.Sprintf("%s of the calls took %s or less and 99 %% took %s or less; the slowest took %s.",
		from, Millis(r.P50), Millis(r.P99), Millis(r.Max))}
	if r.P99 > 2*r.FromSend.P99 && r.P99-r.FromSend.P99 > 5 {
		list = append(list, fmt.Sprintf("Calls waited to be sent: 99 %% took %s or less from when they were sent, which hides the wait.", Millis(r.FromSend.P99)))
	}
	if r.Behind {
		list = append(list, fmt.Sprintf("The schedule was not kept: %s (%s calls waited, %s were never sent).", r.BehindWhy, Count(int(r.Waited)), Count(int(r.Unsent))))
	}
	return list
}

func dropped(s LoadSeries) string {
	if s.Dropped == 0 {
		return ""
	}
	return fmt.Sprintf("rpcs.ndjson.gz has %s of the %s calls: recording each would have slowed the load. Every other figure counts all of them.",
		Count(int(s.Recorded)), Count(int(s.Recorded+s.Dropped)))
}

// headline are the figures that most come for.
func headline(r *LoadResult) []pair {
	rate, from := fmt.Sprintf("%s RPC/s", rateText(r.Achieved)), ""
	if r.TargetRate != nil {
		rate, from = fmt.Sprintf("%s of %s RPC/s", rateText(r.Achieved), rateText(*r.TargetRate)), " from due"
	}
	return []pair{
		{"p50" + from, Millis(r.P50)}, {"p99" + from, Millis(r.P99)}, {"p99.9" + from, Millis(r.P999)}, {"slowest", Millis(r.Max)},
		{"sent", rate}, {"failed", fmt.Sprintf("%s of %s", Count(int(r.Calls-r.OK)), Count(int(r.Calls)))},
	}
}

// rateText is calls per second to what can matter.
func rateText(v float64) string {
	if v >= 100 {
		return Count(int(v + 0.5))
	}
	return number(v)
}

var quantileNames = []string{"min", "mean", "p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "max"}

func latencyRows(r *LoadResult) []row {
	var rows []row
	for _, l := range []struct {
		head string
		q    Quantiles
	}{{"from due", r.Quantiles}, {"from send", r.FromSend}} {
		q, cells := l.q, []string(nil)
		for _, ms := range []float64{q.Min, q.Mean, q.P50, q.P75, q.P90, q.P95, q.P99, q.P999, q.P9999, q.Max} {
			cells = append(cells, Millis(ms))
		}
		rows = append(rows, row{Head: l.head, Cells: cells})
	}
	return rows
}

// countRows lists what was counted by name, with its part of all.
func countRows(n map[string]uint64, all uint64) []row {
	var rows []row
	for _, name := range slices.SortedFunc(maps.Keys(n), compareNames) {
		rows = append(rows, row{Head: name, Cells: []string{Count(int(n[name])), percent(n[name], all)}, Bar: 100 * float64(n[name]) / float64(max(all, 1))})
	}
	return rows
}

// binUnit is what a bin is, as a word.
func binUnit(bins []LoadBin) string {
	if len(bins) == 0 || len(bins) == 1 || bins[0].To-bins[0].From <= 1 {
		return "second"
	}
	return fmt.Sprintf("%s s", number(bins[0].To-bins[0].From))
}

// binRows are the numbers that the figures over time are drawn from.
func binRows(bins []LoadBin) []row {
	var rows []row
	for _, b := range bins {
		cells := []string{Count(int(b.Offered)), Count(int(b.Sent)), Count(int(b.OK)), Count(int(b.Calls - b.OK))}
		for _, s := range []Spread{b.FromDue, b.FromSend} {
			for _, ms := range []float64{s.P50, s.P99, s.Max} {
				text := "–"
				if b.Calls > 0 {
					text = Millis(ms)
				}
				cells = append(cells, text)
			}
		}
		rows = append(rows, row{Head: fmt.Sprintf("%s s", number(b.From)), Cells: append(cells, counted(b.Share), counted(b.Errors))})
	}
	return rows
}

// counted is what was counted by name, in words.
func counted(n map[string]uint64) string {
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(n), compareNames) {
		parts = append(parts, fmt.Sprintf("%s %s", name, Count(int(n[name]))))
	}
	return cmp.Or(strings.Join(parts, ", "), "–")
}
