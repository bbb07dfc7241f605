package view

import (
	"fmt"
	"maps"
	"slices"

	"devstack/timeline"
)

// The share figure has shareBins columns at the most, of shareCalls calls at the least: a
// multiple of 2, 3 and 5, so that an even share looks even.
const (
	shareBins  = 110
	shareCalls = 30
)

// slot is one column of the share figure: calls per replica that answered, and failures.
type slot struct {
	by     map[string]int
	failed int
	total  int
}

// share is who answered, over time, as columns that add up to all calls of their time.
func (f frame) share(calls []timeline.Call) (figure, bool) {
	if len(calls) == 0 || f.x.to <= f.x.from {
		return figure{}, false
	}
	raised := f.raised()
	height, top, bottom := 196+raised, 24+raised, 166+raised
	span := f.x.to - f.x.from
	width := max(span/shareBins, min(span, span*shareCalls/float64(len(calls))))
	slots := f.slots(calls, width)
	note := fmt.Sprintf("Each column is %s of calls by when they were due; colour is the replica that answered, red on top is failed.", Millis(width*1000))
	d := newDrawing(figureWidth, height, f.titled("Share of each replica"), note)
	y := scale{from: 0, to: 1, start: bottom, end: top}
	for _, v := range []float64{0, 0.5, 1} {
		d.line("grid", plotLeft, y.at(v), plotRight, y.at(v))
		d.text("tick", "end", plotLeft-8, y.at(v)+4, number(v*100)+" %")
	}
	for i, s := range slots {
		from, to := f.x.from+float64(i)*width, f.x.from+float64(i+1)*width
		if i == len(slots)-1 {
			to = f.x.to
		}
		f.column(d, s, y, from, to, i == 0 || i == len(slots)-1)
	}
	f.shade(d, 0, top-4)
	f.edges(d, 0, bottom)
	f.captions(d, 14)
	f.timeAxis(d, bottom)
	return figure{Title: f.titled("Share of each replica"), Note: note, SVG: d.done(), Legend: append(replicaLegend(calls), f.legend()...)}, true
}

func (f frame) slots(calls []timeline.Call, width float64) []slot {
	// What is left over at the end is too little for a share, and goes to the last column.
	slots := make([]slot, max(1, int((f.x.to-f.x.from)/width+1e-9)))
	for _, c := range calls {
		s := &slots[min(max(int((c.Due-f.x.from)/width), 0), len(slots)-1)]
		s.total++
		if !c.OK {
			s.failed++
			continue
		}
		if s.by == nil {
			s.by = map[string]int{}
		}
		s.by[c.Replica]++
	}
	return slots
}

// column draws s between two times; a numbered one has each replica's number on its part.
func (f frame) column(d *drawing, s slot, y scale, from, to float64, numbered bool) {
	x := f.x.at(from)
	w := max(f.x.at(to)-x-0.6, 0.5)
	done := 0
	part := func(class string, n int, name string) {
		if n == 0 {
			return
		}
		upper, lower := y.at(float64(done+n)/float64(s.total)), y.at(float64(done)/float64(s.total))
		d.rect(class, x, upper, w, lower-upper, fmt.Sprintf("%s: %d of %d", name, n, s.total))
		if numbered && lower-upper >= 14 {
			d.text("on "+colourClass(name), "middle", x+w/2, (upper+lower)/2+4, glyphOf(name))
		}
		done += n
	}
	for _, name := range slices.SortedFunc(maps.Keys(s.by), compareNames) {
		part("part "+colourClass(name), s.by[name], name)
	}
	part("part failed", s.failed, "failed")
}
