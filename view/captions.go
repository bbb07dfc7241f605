package view

import "slices"

// caption is the name of a line in a figure, placed: its text begins at x on a row above
// the plot, the uppermost first.
type caption struct {
	x, width float64
	row      int
	text     string
}

// captionRows is how many rows of captions a figure has at the most, and captionStep the
// height of each after the first.
const (
	captionRows = 4
	captionStep = 15.0
)

// place gives every fault, and then every newcomer, the first row on which its caption
// touches no other. A newcomer opens no row, and may stay without a caption.
func (f frame) place() []caption {
	var placed []caption
	rows := 1
	put := func(b band, most int) {
		c := f.caption(b)
		for c.row < most {
			if !slices.ContainsFunc(placed, c.touches) {
				placed, rows = append(placed, c), max(rows, c.row+1)
				return
			}
			c.row++
		}
	}
	for _, b := range f.faults {
		put(b, captionRows)
	}
	for _, b := range f.joins {
		put(b, rows)
	}
	return placed
}

// caption is b's name with its bound, on the side of its line that has room.
func (f frame) caption(b band) caption {
	const glyph = 6.5 // pixels of a letter, about
	c := caption{text: truncate(b.name, 40)}
	if b.allowed != "" {
		c.text += ", bound " + b.allowed
	}
	c.width = glyph * float64(len([]rune(c.text)))
	if c.x = f.x.at(b.from) + 5; c.x+c.width > plotRight {
		c.x = max(plotLeft, c.x-10-c.width)
	}
	return c
}

func (c caption) touches(o caption) bool {
	const gap = 10
	return c.row == o.row && c.x < o.x+o.width+gap && o.x < c.x+c.width+gap
}

// raised is by how much a plot stands lower for the rows of captions after the first.
func (f frame) raised() float64 {
	last := 0
	for _, c := range f.notes {
		last = max(last, c.row)
	}
	return captionStep * float64(last)
}

// captions names the faults with their bounds, and the newcomers, from the height y down.
func (f frame) captions(d *drawing, y float64) {
	for _, c := range f.notes {
		d.text("caption", "start", c.x, y+captionStep*float64(c.row), c.text)
	}
}
