package view

import (
	"cmp"
	"fmt"
	"slices"

	"devstack/timeline"
)

// A strip shows stripCalls picks; around a moment, half before it and half after.
const (
	stripCalls = 60
	mostStrips = 12
)

// strip is a run of calls in the order in which they were picked.
type strip struct {
	label string
	calls []timeline.Call
	at    int  // calls of the strip before its moment, -1 for none
	join  bool // the moment is a newcomer's, not a fault
}

// tape is who was picked, call by call: in the steady state, around each fault or newcomer, and after.
func (f frame) tape(calls []timeline.Call) (figure, bool) {
	strips := f.strips(calls)
	if len(strips) == 0 {
		return figure{}, false
	}
	const row, cell = 44.0, 14.6
	note := "One cell per RPC in the order of picks, with the replica's number; ✕ is failed, – was never picked."
	height := row*float64(len(strips)) + 6
	d := newDrawing(figureWidth, height, f.titled("Picks, one by one"), note)
	for i, s := range strips {
		y := row * float64(i)
		d.text("label", "start", plotLeft, y+14, fmt.Sprintf("%s, from %.3f s", s.label, pickTime(s.calls[0])))
		for j, c := range s.calls {
			tapeMark(d, c, plotLeft+cell*float64(j), y+19, cell-1.4)
		}
		if s.at >= 0 {
			x := plotLeft + cell*float64(s.at) - 0.7
			d.line(map[bool]string{false: "edge", true: "join"}[s.join], x, y+16, x, y+39)
		}
	}
	if len(strips) > 1 {
		note += " The line is what its row is named after."
	}
	return figure{Title: f.titled("Picks, one by one"), Note: note, SVG: d.done(), Legend: replicaLegend(calls)}, true
}

func tapeMark(d *drawing, c timeline.Call, x, y, size float64) {
	class := colourClass(c.Replica)
	tip := fmt.Sprintf("%.3f s, %s, %s in %s", pickTime(c), orUnknown(c.Replica), c.Code, Millis(c.Latency()*1000))
	if !c.OK {
		d.rect("cell failed", x, y, size, size+4, tip)
		d.text("on failed", "middle", x+size/2, y+size/2+6.5, "✕")
		return
	}
	d.rect("cell "+class, x, y, size, size+4, tip)
	d.text("on "+class, "middle", x+size/2, y+size/2+6.5, glyphOf(c.Replica))
}

// pickTime is when a call chose its connection, or was given up without one.
func pickTime(c timeline.Call) float64 {
	if c.Picked > 0 {
		return c.Picked
	}
	return c.Sent
}

func (f frame) strips(calls []timeline.Call) []strip {
	sorted := slices.Clone(calls)
	slices.SortStableFunc(sorted, func(a, b timeline.Call) int { return cmp.Compare(pickTime(a), pickTime(b)) })
	if len(sorted) == 0 {
		return nil
	}
	first := len(sorted)
	var around []strip
	for i, b := range f.sights(sorted) {
		at, _ := slices.BinarySearchFunc(sorted, b.from, func(c timeline.Call, t float64) int { return cmp.Compare(pickTime(c), t) })
		first = min(first, at)
		if i >= mostStrips-2 {
			break
		}
		from, to := max(0, at-stripCalls/2), min(len(sorted), at+stripCalls/2)
		if to > from {
			around = append(around, strip{"around " + b.name, sorted[from:to], at - from, i >= len(f.faults)})
		}
	}
	// The steady strip stays clear of the first of the others, and of the first calls.
	steady := max(0, first/2-stripCalls/2)
	label := "steady"
	if len(around) == 0 {
		label = "halfway" // nobody knows of what
	}
	strips := []strip{{label, sorted[steady:min(len(sorted), steady+stripCalls)], -1, false}}
	strips = append(strips, around...)
	if len(around) > 0 {
		strips = append(strips, strip{"at the end", sorted[max(0, len(sorted)-stripCalls):], -1, false})
	}
	return strips
}
