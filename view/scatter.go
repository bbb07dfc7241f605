package view

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"devstack/timeline"
)

// mostPoints is how many successes are drawn one by one; beyond it those that would touch
// are drawn once. Failures are always drawn, each.
const mostPoints = 5000

// scatter is every RPC: when it was due, how long it took, which replica.
func (f frame) scatter(calls []timeline.Call) (figure, bool) {
	if len(calls) == 0 {
		return figure{}, false
	}
	raised := f.raised()
	height, top, bottom := 316+raised, 24+raised, 286+raised
	y := latencyScale(calls, bottom, top)
	good, bad := f.points(calls, y)
	failed := strings.Count(bad, "M") / 2
	note := fmt.Sprintf("%s RPCs by when they were due; the height is the latency, by logarithm. %s failed.", Count(len(calls)), Count(failed))
	if len(calls)-failed > mostPoints {
		note += " Successes that would touch are drawn once; every failure is drawn."
	}
	d := newDrawing(figureWidth, height, f.titled("Every RPC"), note)
	for _, v := range y.ticks(6) {
		d.line("grid", plotLeft, y.at(v), plotRight, y.at(v))
		d.text("tick", "end", plotLeft-8, y.at(v)+4, latencyText(v))
	}
	f.shade(d, 0, bottom)
	for _, class := range slices.Sorted(maps.Keys(good)) {
		d.path("dot "+class, good[class])
	}
	d.path("cross", bad)
	f.edges(d, 0, bottom)
	f.captions(d, 16)
	f.timeAxis(d, bottom)
	legend := markLegend(calls)
	if failed > 0 {
		legend = append(legend, key{Class: "k-cross", Text: "failed"})
	}
	return figure{Title: f.titled("Every RPC"), Note: note, SVG: d.done(), Legend: append(legend, f.legend()...)}, true
}

// latencyScale spans whole powers of ten, in milliseconds.
func latencyScale(calls []timeline.Call, bottom, top float64) scale {
	least, most := math.Inf(1), 0.0
	for _, c := range calls {
		ms := max(c.Latency()*1000, 0.01)
		least, most = min(least, ms), max(most, ms)
	}
	from := math.Pow(10, math.Floor(math.Log10(least)))
	to := math.Pow(10, math.Ceil(math.Log10(max(most, from*10))))
	return scale{from: from, to: to, start: bottom, end: top, log: true}
}

// points are the successes as marks per class, and the failures as crosses, in path data.
func (f frame) points(calls []timeline.Call, y scale) (good map[string]string, bad string) {
	type dot struct {
		class string
		x, y  int
	}
	ok := 0
	for _, c := range calls {
		if c.OK {
			ok++
		}
	}
	seen, dots, crosses := map[dot]bool{}, map[string]*strings.Builder{}, strings.Builder{}
	for _, c := range calls {
		px, py := f.x.at(c.Due), y.at(max(c.Latency()*1000, y.from))
		if !c.OK {
			fmt.Fprintf(&crosses, "M%s %sl7 7M%s %sl7-7", coord(px-3.5), coord(py-3.5), coord(px-3.5), coord(py+3.5))
			continue
		}
		class := markClass(c.Replica)
		if cell := (dot{class, int(px), int(py)}); ok > mostPoints {
			if seen[cell] {
				continue
			}
			seen[cell] = true
		}
		if dots[class] == nil {
			dots[class] = &strings.Builder{}
		}
		dots[class].WriteString(markPath(c.Replica, px, py))
	}
	good = map[string]string{}
	for class, b := range dots {
		good[class] = b.String()
	}
	return good, crosses.String()
}

func latencyText(ms float64) string {
	if ms >= 1000 {
		return number(ms/1000) + " s"
	}
	return number(ms) + " ms"
}
