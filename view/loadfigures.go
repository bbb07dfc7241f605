package view

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

// loadRight leaves room for half of a last tick: a load often ends on a round one.
const loadRight = plotRight - 14

// loadFigures are the drawings that a load has the data for.
func loadFigures(r *LoadResult, s LoadSeries) []figure {
	var list []figure
	if n := len(s.Bins); n > 0 && s.Bins[n-1].To > 0 && r.Calls > 0 {
		f := frame{x: scale{from: s.Bins[0].From, to: s.Bins[n-1].To, start: plotLeft, end: loadRight}}
		list = append(list, f.loadLatency(r, s.Bins), f.loadRate(r, s.Bins))
		if r.OK < r.Calls {
			list = append(list, f.loadErrors(s.Bins))
		}
		list = append(list, f.loadShare(r, s.Bins))
	}
	if len(s.Curve) > 1 {
		list = append(list, distribution(r, s.Curve))
	}
	return list
}

// stairs is a value of each bin as a line that is level over it, with a gap where there is
// none.
func (f frame) stairs(bins []LoadBin, y scale, value func(LoadBin) (float64, bool)) string {
	var b strings.Builder
	drawn := false
	for _, bin := range bins {
		v, ok := value(bin)
		if !ok {
			drawn = false
			continue
		}
		verb := map[bool]string{false: "M", true: "L"}[drawn]
		fmt.Fprintf(&b, "%s%s %sH%s", verb, coord(f.x.at(bin.From)), coord(y.at(v)), coord(f.x.at(bin.To)))
		drawn = true
	}
	return b.String()
}

// spreadLines are the lines of a latency, the lowest first.
var spreadLines = []struct {
	class, name string
	of          func(Spread) float64
}{
	{"curve thick r1", "p50", func(s Spread) float64 { return s.P50 }},
	{"curve r2", "p99", func(s Spread) float64 { return s.P99 }},
	{"curve thin faint", "slowest", func(s Spread) float64 { return s.Max }},
}

// A clock is where a latency begins.
type clock struct {
	name string
	of   func(LoadBin) Spread
}

// clocksOf are the clocks of a load. In a closed loop they are one: a call is due when it is
// sent.
func clocksOf(r *LoadResult) []clock {
	sent := clock{"from when it was sent", func(b LoadBin) Spread { return b.FromSend }}
	if r.TargetRate == nil {
		return []clock{sent}
	}
	return []clock{{"from when each call was due", func(b LoadBin) Spread { return b.FromDue }}, sent}
}

// loadLatency is the latency over time, by each clock on one scale.
func (f frame) loadLatency(r *LoadResult, bins []LoadBin) figure {
	const panel, gap, top = 160.0, 46.0, 26.0
	clocks := clocksOf(r)
	note := fmt.Sprintf("Median, 99th percentile and slowest call of each %s, by logarithm.", binUnit(bins))
	if len(clocks) > 1 {
		note += " Where the upper picture is higher than the lower one, calls waited to be sent."
	} else {
		note += " " + closedNote
	}
	d := newDrawing(figureWidth, float64(len(clocks))*(panel+gap)+14, "Latency over time", note)
	from, to := spreadRange(bins)
	for i, c := range clocks {
		head := top + float64(i)*(panel+gap)
		f.latencyPanel(d, c, bins, scale{from: from, to: to, start: head + panel, end: head, log: true})
	}
	return figure{Title: "Latency over time", Note: note, SVG: d.done(), Legend: spreadLegend()}
}

// closedNote is what a reader of a closed loop has to know.
const closedNote = "A closed loop makes no call while it waits for answers, so a pause of the server shows in few of them."

func (f frame) latencyPanel(d *drawing, c clock, bins []LoadBin, y scale) {
	d.text("head", "start", plotLeft, y.end-8, c.name)
	latencyGrid(d, y)
	for _, l := range slices.Backward(spreadLines) { // the lowest is seen best
		d.path(l.class, f.stairs(bins, y, func(b LoadBin) (float64, bool) { return max(l.of(c.of(b)), y.from), b.Calls > 0 }))
	}
	f.timeAxis(d, y.start)
}

func spreadLegend() []key {
	var list []key
	for _, l := range spreadLines {
		list = append(list, curveKey(l.class, l.name))
	}
	return list
}

// curveKey is a line in a legend.
func curveKey(class, text string) key {
	return key{Class: "sample", Text: text, Sample: template.HTML(`<svg viewBox="0 -6 24 12" aria-hidden="true"><path class="` + escape(class) + `" d="M0 0h24"/></svg>`)}
}

// spreadRange spans whole powers of ten around all latencies, in milliseconds.
func spreadRange(bins []LoadBin) (from, to float64) {
	least, most := math.Inf(1), 0.0
	for _, b := range bins {
		if b.Calls > 0 {
			least, most = min(least, b.FromSend.P50, b.FromDue.P50), max(most, b.FromDue.Max, b.FromSend.Max)
		}
	}
	return decades(least, most)
}

// decades spans whole powers of ten, one at the least, down to 10 µs at the most.
func decades(least, most float64) (from, to float64) {
	least = max(min(least, most), 0.01)
	from = math.Pow(10, math.Floor(math.Log10(least)+1e-9))
	return from, math.Pow(10, math.Ceil(math.Log10(max(most, from*10))-1e-9))
}

func latencyGrid(d *drawing, y scale) {
	for _, v := range y.ticks(6) {
		d.line("grid", plotLeft, y.at(v), loadRight, y.at(v))
		d.text("tick", "end", plotLeft-8, y.at(v)+4, latencyText(v))
	}
}

// perSecond makes a count of a bin a rate.
func perSecond(n uint64, b LoadBin) float64 { return float64(n) / (b.To - b.From) }

// loadRate is what was asked for and what was done, over time.
func (f frame) loadRate(r *LoadResult, bins []LoadBin) figure {
	const height, top, bottom = 216.0, 16.0, 186.0
	open := r.TargetRate != nil
	note := "Calls per second that were sent; each waited for the answer to one before it, so none was due."
	if open {
		note = "Calls per second that were due and that were sent. Where the lines part, calls were sent late or never."
	}
	most := 1.0
	for _, b := range bins {
		most = max(most, perSecond(b.Sent, b), perSecond(b.Offered, b))
	}
	d := newDrawing(figureWidth, height, "Rate over time", note)
	y := scale{from: 0, to: most, start: bottom, end: top}
	if t := y.ticks(4); len(t) > 1 {
		y.to = t[1] * math.Ceil(most/t[1])
	}
	for _, v := range y.ticks(4) {
		d.line("grid", plotLeft, y.at(v), loadRight, y.at(v))
		d.text("tick", "end", plotLeft-8, y.at(v)+4, rateText(v)+"/s")
	}
	legend := []key{curveKey("curve r1", "sent")}
	d.path("curve r1", f.stairs(bins, y, func(b LoadBin) (float64, bool) { return perSecond(b.Sent, b), true }))
	if open {
		legend = append(legend, curveKey("curve dashed plain", "due"))
		d.path("curve dashed plain", f.stairs(bins, y, func(b LoadBin) (float64, bool) { return perSecond(b.Offered, b), true }))
	}
	f.timeAxis(d, bottom)
	return figure{Title: "Rate over time", Note: note, SVG: d.done(), Legend: legend}
}

// distribution is the latency of each part of the calls, on an axis of nines.
func distribution(r *LoadResult, curve []LoadPoint) figure {
	const height, top, bottom = 316.0, 16.0, 286.0
	const title = "Latency distribution"
	note := "The latency that a part of the calls stayed within. Each step to the right leaves a tenth of the calls over; both axes are by logarithm."
	if r.Calls < 10_000 {
		note += fmt.Sprintf(" Of %s calls, what is right of p%s is the slowest one.", Count(int(r.Calls)), number(100*(1-1/float64(max(r.Calls, 2)))))
	}
	least, most := math.Inf(1), 0.0
	for _, p := range curve {
		least, most = min(least, p.FromSend, p.FromDue), max(most, p.FromDue, p.FromSend)
	}
	d := newDrawing(figureWidth, height, title, note)
	from, to := decades(least, most)
	y := scale{from: from, to: to, start: bottom, end: top, log: true}
	x := scale{from: 0, to: mostNines, start: plotLeft, end: loadRight}
	latencyGrid(d, y)
	for _, p := range []float64{0, 50, 90, 99, 99.9, 99.99} {
		at := x.at(nines(p))
		d.line("grid", at, top, at, bottom)
		d.text("tick", "middle", at, bottom+17, "p"+number(p))
	}
	d.line("axis", plotLeft, bottom, loadRight, bottom)
	due, send := "curve r1", "curve dashed r2"
	legend := []key{curveKey(send, "from send")}
	if r.TargetRate != nil {
		d.path(due, curvePath(curve, x, y, func(p LoadPoint) float64 { return p.FromDue }))
		legend = append([]key{curveKey(due, "from due")}, legend...)
	}
	d.path(send, curvePath(curve, x, y, func(p LoadPoint) float64 { return p.FromSend }))
	return figure{Title: title, Note: note, SVG: d.done(), Legend: legend}
}

func curvePath(curve []LoadPoint, x, y scale, of func(LoadPoint) float64) string {
	var b strings.Builder
	for i, p := range curve {
		fmt.Fprintf(&b, "%s%s %s", map[bool]string{true: "M", false: "L"}[i == 0], coord(x.at(nines(p.Percentile))), coord(y.at(max(of(p), y.from))))
	}
	return b.String()
}

// mostNines is where the distribution ends: p99.99.
const mostNines = 4.0

// nines is how far right a percentile stands: 1 for p90, 2 for p99, 3 for p99.9.
func nines(percentile float64) float64 {
	return math.Log10(100 / max(100-percentile, 1e-9))
}

// NinesAxis are the percentiles that a LoadSeries has: from 0 to 99.99, in twenty steps for
// each nine.
func NinesAxis() []float64 {
	var list []float64
	for i := range int(mostNines)*20 + 1 {
		list = append(list, 100-100*math.Pow(10, -float64(i)/20))
	}
	return list
}
