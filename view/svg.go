package view

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// drawing is one SVG under construction, in units of a CSS pixel at full width. Colours
// come from the page's classes, so one drawing serves light, dark and paper. Text given to
// it is escaped by it.
type drawing struct {
	b             strings.Builder
	width, height float64
}

// newDrawing begins an SVG that a screen reader reads as title and desc.
func newDrawing(width, height float64, title, desc string) *drawing {
	d := &drawing{width: width, height: height}
	fmt.Fprintf(&d.b, `<svg viewBox="0 0 %s %s" role="img" aria-label="%s"><title>%s</title><desc>%s</desc>`,
		coord(width), coord(height), escape(title), escape(title), escape(desc))
	return d
}

// done ends the drawing; every text in it went through escape.
func (d *drawing) done() template.HTML { return template.HTML(d.b.String() + "</svg>") }

func (d *drawing) rect(class string, x, y, w, h float64, tip string) {
	fmt.Fprintf(&d.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"`, escape(class), coord(x), coord(y), coord(max(w, 0)), coord(max(h, 0)))
	if tip == "" {
		d.b.WriteString("/>")
		return
	}
	fmt.Fprintf(&d.b, "><title>%s</title></rect>", escape(tip))
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&d.b, `<path class="%s" d="M%s %sL%s %s"/>`, escape(class), coord(x1), coord(y1), coord(x2), coord(y2))
}

// text is anchored "start", "middle" or "end" at x.
func (d *drawing) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&d.b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, escape(class), anchor, coord(x), coord(y), escape(s))
}

// path draws many strokes of one class as one element, which keeps 20,000 points small.
func (d *drawing) path(class, data string) {
	if data != "" {
		fmt.Fprintf(&d.b, `<path class="%s" d="%s"/>`, escape(class), data)
	}
}

// escape makes text safe between tags and between double quotes, and drops what XML forbids.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}

// coord is v to a tenth of a pixel, 0 for what is no number.
func coord(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// scale maps a range of values onto a range of pixels, evenly or by logarithm; it keeps
// values outside of the range at its ends.
type scale struct {
	from, to   float64 // values
	start, end float64 // pixels
	log        bool
}

func (s scale) at(v float64) float64 {
	from, to := s.from, s.to
	v = min(max(v, from), to)
	if s.log {
		v, from, to = math.Log(v), math.Log(from), math.Log(to)
	}
	if to <= from {
		return s.start
	}
	return s.start + (v-from)/(to-from)*(s.end-s.start)
}

// ticks are round values in the range: powers of ten by logarithm, else at most n or so.
func (s scale) ticks(n int) []float64 {
	var out []float64
	if s.log {
		for e := math.Ceil(math.Log10(s.from) - 1e-9); math.Pow(10, e) <= s.to*(1+1e-9); e++ {
			out = append(out, math.Pow(10, e))
		}
		return out
	}
	span := s.to - s.from
	if !(span > 0) || math.IsInf(span, 0) {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, f := range []float64{1, 2, 5, 10} {
		if span/(step*f) <= float64(n) {
			step *= f
			break
		}
	}
	for v := math.Ceil(s.from/step) * step; v <= s.to+step*1e-9; v += step {
		out = append(out, v)
	}
	return out
}
