package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// canvas is a grid of cells that nothing can be written outside of: whatever is put on
// it, every line comes out exactly as wide as the canvas.
type canvas struct {
	w, h  int
	cells []cell
	codes [styles]string // escape sequences; all empty without colour
	ascii bool
}

type cell struct {
	r rune // 0 for the second half of a wide rune
	s style
}

func newCanvas(w, h int, colour Colour, ascii bool) *canvas {
	c := &canvas{w: w, h: h, cells: make([]cell, w*h), ascii: ascii}
	for s := range c.codes {
		c.codes[s] = colour.sgr(style(s))
	}
	for i := range c.cells {
		c.cells[i].r = ' '
	}
	return c
}

// box is a part of a canvas. Columns and rows count from its own corner.
type box struct {
	c          *canvas
	x, y, w, h int
}

func (c *canvas) all() box { return box{c, 0, 0, c.w, c.h} }

// inner is the part of b from (x, y), w wide and h high, cut to b.
func (b box) inner(x, y, w, h int) box {
	x, y = min(max(x, 0), b.w), min(max(y, 0), b.h)
	return box{b.c, b.x + x, b.y + y, max(0, min(w, b.w-x)), max(0, min(h, b.h-y))}
}

// put writes text into row y from column x and returns the column after it. What does
// not fit is cut off; control bytes are dropped.
func (b box) put(x, y int, s style, text string) int {
	if y < 0 || y >= b.h {
		return x
	}
	for _, r := range text {
		w := width(r)
		if w == 0 {
			continue
		}
		if x < 0 || x+w > b.w {
			return b.w
		}
		at := (b.y+y)*b.c.w + b.x + x
		b.c.split(at)
		b.c.split(at + w)
		b.c.cells[at] = cell{r, s}
		if w == 2 {
			b.c.cells[at+1] = cell{0, s}
		}
		x += w
	}
	return x
}

// split keeps a wide rune from losing one half: where at is its second, both become blank.
func (c *canvas) split(at int) {
	if at > 0 && at < len(c.cells) && c.cells[at].r == 0 {
		c.cells[at-1].r, c.cells[at].r = ' ', ' '
	}
}

// fit is put with an ellipsis where text had to be cut to n columns.
func (b box) fit(x, y, n int, s style, text string) int {
	return b.put(x, y, s, ellipsis(text, min(n, b.w-x)))
}

// right writes text so that it ends before column x, and returns where it begins.
func (b box) right(x, y int, s style, text string) int {
	at := max(0, x-cols(text))
	b.put(at, y, s, text)
	return at
}

// fillRow writes r over columns x to end of row y.
func (b box) fillRow(x, end, y int, s style, r rune) {
	for ; x < min(end, b.w); x++ {
		b.put(x, y, s, string(r))
	}
}

// String is the canvas as h lines of w columns each.
func (c *canvas) String() string {
	var out strings.Builder
	out.Grow(len(c.cells) * 2)
	for y := range c.h {
		if y > 0 {
			out.WriteByte('\n')
		}
		now := ""
		for _, cell := range c.cells[y*c.w : (y+1)*c.w] {
			if code := c.codes[cell.s]; code != now {
				if now != "" {
					out.WriteString("\x1b[m")
				}
				out.WriteString(code)
				now = code
			}
			c.write(&out, cell.r)
		}
		if now != "" {
			out.WriteString("\x1b[m")
		}
	}
	return out.String()
}

func (c *canvas) write(out *strings.Builder, r rune) {
	switch {
	case !c.ascii && r != 0:
		out.WriteRune(r)
	case r == 0 && c.ascii:
		out.WriteByte('?')
	case c.ascii:
		out.WriteByte(plainRune(r))
	}
}

// plainRune is the ASCII that stands for r.
func plainRune(r rune) byte {
	if r < 0x80 {
		return byte(r)
	}
	if b, ok := instead[r]; ok {
		return b
	}
	return '?'
}

var instead = map[rune]byte{
	'●': '*', '○': 'o', '✕': 'x', '▲': '!', '≠': '#', '▸': '>', '→': '>', '←': '<', '↑': '^', '↓': 'v', '★': '*', '·': '.',
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+', '├': '+', '┤': '+', '┬': '+', '┴': '+', '█': '#',
	'▁': '_', '▂': '.', '▃': ',', '▄': '-', '▅': '=', '▆': '+', '▇': '*',
	'×': 'x', '–': '-', '−': '-', '…': '~', '≈': '~', '≤': '<', '≥': '>', '’': '\'', '“': '"', '”': '"',
}

// width is the columns of r: 0 for what must not reach a terminal.
func width(r rune) int {
	if r < 0x20 || r == 0x7f {
		return 0
	}
	if r < 0x7f || r >= 0x2500 && r < 0x25d0 || instead[r] != 0 {
		return 1
	}
	return min(2, ansi.StringWidth(string(r)))
}

func cols(text string) int {
	n := 0
	for _, r := range text {
		n += width(r)
	}
	return n
}

// ellipsis is text in at most n columns.
func ellipsis(text string, n int) string {
	if cols(text) <= n {
		return text
	}
	used := 0
	for i, r := range text {
		if used += width(r); used > n-1 {
			return strings.TrimRight(text[:i], " ") + strings.Repeat("…", min(1, max(0, n)))
		}
	}
	return text
}

// wrap breaks text at spaces into at most lines lines of n columns; the last is cut.
func wrap(text string, n, lines int) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		last := len(out) - 1
		switch {
		case last >= 0 && (cols(out[last])+1+cols(word) <= n || len(out) == lines):
			out[last] += " " + word
		default:
			out = append(out, word)
		}
	}
	for i := range out {
		out[i] = ellipsis(out[i], n)
	}
	return out
}
