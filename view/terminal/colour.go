package terminal

import "fmt"

// Colour is how many colours a terminal has. Nothing is said by colour alone.
type Colour int

// The numbers of colours.
const (
	NoColour Colour = iota // no escape byte at all
	Colour16               // the terminal's own palette
	TrueColour
)

// style is the role of a cell; what it looks like depends on the Colour.
type style uint8

const (
	plain style = iota
	dim
	bold
	title
	good
	note // worth a look
	warn // and the same, louder
	bad
	loud                 // a word in a box: LIVE, FROZEN, FAIL
	alarm                // the same, for what went wrong
	ident                // + n: the identity of replica n+1, as a fill under black text
	ink   = ident + hues // + n: the same as a foreground
	hues  = 5

	styles = ink + hues // how many there are
)

// fill is the identity of replica n (from 1) under text; bar is it as a foreground.
func fill(n int) style { return ident + style((n-1)%hues) }
func bar(n int) style  { return ink + style((n-1)%hues) }

// hue is one identity: chosen to stay apart in all colour visions, and bright enough to
// carry black text, on a light and on a dark terminal.
type hue struct {
	ansi    int // of the 16
	r, g, b int
}

// palette is blue, orange, green, purple, cyan.
var palette = [hues]hue{{12, 125, 163, 253}, {11, 255, 191, 94}, {10, 40, 168, 132}, {13, 224, 98, 196}, {14, 207, 233, 245}}

// codes are the styles that need no identity.
var codes = map[style]string{
	dim: "2", bold: "1", title: "1;36", good: "32", note: "33", warn: "1;33", bad: "1;31", loud: "1;7", alarm: "1;37;41",
}

// sgr is the escape sequence that begins s, after a reset; "" for plain.
func (c Colour) sgr(s style) string {
	if c == NoColour || s == plain {
		return ""
	}
	if s < ident {
		return "\x1b[" + codes[s] + "m"
	}
	if s >= ink {
		return "\x1b[" + palette[s-ink].code(c, 38) + "m"
	}
	return "\x1b[30;" + palette[s-ident].code(c, 48) + "m"
}

// code is the hue as a foreground (38) or a background (48).
func (h hue) code(c Colour, ground int) string {
	if c == TrueColour {
		return fmt.Sprintf("%d;2;%d;%d;%d", ground, h.r, h.g, h.b)
	}
	return fmt.Sprint(h.ansi - 8 + 90 + ground - 38)
}
