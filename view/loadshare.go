package view

import (
	"fmt"
	"maps"
	"slices"
)

// loadErrors is when calls failed, a row for each code.
func (f frame) loadErrors(bins []LoadBin) figure {
	const row, head = 62.0, 20.0
	unit := binUnit(bins)
	note := fmt.Sprintf("Failed calls of each %s, by when they were due; each row has its own scale.", unit)
	totals := map[string]uint64{}
	most := map[string]float64{}
	for _, b := range bins {
		for code, n := range b.Errors {
			totals[code] += n
			most[code] = max(most[code], perSecond(n, b))
		}
	}
	codes := slices.Sorted(maps.Keys(totals))
	end := row * float64(len(codes))
	d := newDrawing(figureWidth, end+30, "Failures over time", note)
	for i, code := range codes {
		top := row * float64(i)
		y := scale{from: 0, to: most[code], start: top + row - 6, end: top + head}
		d.text("head", "start", plotLeft, top+14, fmt.Sprintf("%s: %s calls, at most %s/s", code, Count(int(totals[code])), rateText(most[code])))
		d.line("grid", plotLeft, y.start, loadRight, y.start)
		for _, b := range bins {
			if n := b.Errors[code]; n > 0 {
				x, h := f.x.at(b.From), y.start-y.at(perSecond(n, b))
				d.rect("part failed", x, y.start-max(h, 1), max(f.x.at(b.To)-x-0.6, 0.5), max(h, 1),
					fmt.Sprintf("%s s: %s, %s", number(b.From), code, Count(int(n))))
			}
		}
	}
	f.timeAxis(d, end)
	return figure{Title: "Failures over time", Note: note, SVG: d.done()}
}

// loadShare is who answered, over time.
func (f frame) loadShare(r *LoadResult, bins []LoadBin) figure {
	const height, top, bottom = 196.0, 24.0, 166.0
	const title = "Share of each backend"
	note := fmt.Sprintf("Each column is the calls of one %s by when they were due; colour is the backend that answered.", binUnit(bins))
	ids := identities(r.Share)
	legend := identityLegend(ids)
	if r.OK < r.Calls {
		note += " Red on top is failed."
		legend = append(legend, key{Class: "k-cross", Text: "failed"})
	}
	d := newDrawing(figureWidth, height, title, note)
	y := scale{from: 0, to: 1, start: bottom, end: top}
	for _, v := range []float64{0, 0.5, 1} {
		d.line("grid", plotLeft, y.at(v), loadRight, y.at(v))
		d.text("tick", "end", plotLeft-8, y.at(v)+4, number(v*100)+" %")
	}
	for i, b := range bins {
		f.loadColumn(d, b, ids, y, i == 0 || i == len(bins)-1)
	}
	f.timeAxis(d, bottom)
	return figure{Title: title, Note: note, SVG: d.done(), Legend: legend}
}

// loadColumn draws one bin; a numbered one has each backend's glyph on its part.
func (f frame) loadColumn(d *drawing, b LoadBin, ids []identity, y scale, numbered bool) {
	x := f.x.at(b.From)
	w := max(f.x.at(b.To)-x-0.6, 0.5)
	done := uint64(0)
	part := func(class string, n uint64, name, glyph string) {
		if n == 0 {
			return
		}
		upper, lower := y.at(float64(done+n)/float64(b.Calls)), y.at(float64(done)/float64(b.Calls))
		d.rect("part "+class, x, upper, w, lower-upper, fmt.Sprintf("%s s: %s, %s of %s", number(b.From), name, Count(int(n)), Count(int(b.Calls))))
		if numbered && glyph != "" && lower-upper >= 14 && w >= 12 {
			d.text("on "+class, "middle", x+w/2, (upper+lower)/2+4, glyph)
		}
		done += n
	}
	for _, id := range ids {
		part(id.class, b.Share[id.name], id.name, id.glyph)
	}
	part("failed", b.Calls-b.OK, "failed", "")
}

// identity is how a backend is known: a replica of ours by its own colour and number, as in
// every other picture; others by their place among all.
type identity struct{ name, class, glyph string }

func identities(share map[string]uint64) []identity {
	names := slices.SortedFunc(maps.Keys(share), compareNames)
	ours := !slices.ContainsFunc(names, func(name string) bool { return colourClass(name) == "none" })
	var list []identity
	for i, name := range names {
		like := name
		if !ours {
			like = fmt.Sprintf("backend-%d", i+1)
		}
		list = append(list, identity{name, colourClass(like), glyphOf(like)})
	}
	return list
}

func identityLegend(ids []identity) []key {
	var list []key
	for _, id := range ids {
		list = append(list, key{Class: id.class, Text: id.name, Glyph: id.glyph})
	}
	return list
}
