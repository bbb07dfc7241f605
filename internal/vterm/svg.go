package vterm

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The emulator's bits of a style that are drawn: SGR 1, 2 and 7.
const bold, faint, reverse = 1 << 0, 1 << 1, 1 << 5

// The size of a cell, and what a terminal without wishes of its own looks like.
const (
	cellWidth, cellHeight = 8.4, 17.0
	fontSize, baseline    = 14.0, 13.0
	margin                = 8.0
	ground, paint         = "#0f1720", "#d5dbe1"
)

// SVG is the screen as a picture: colours, bold and faint letters, in the cells where a
// terminal has them, whatever font the reader has. title is its name for those who do not
// see it.
func (t *Terminal) SVG(title string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w, h := t.screen.Width(), t.screen.Height()
	wide, high := 2*margin+cellWidth*float64(w), 2*margin+cellHeight*float64(h)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s">`+"\n",
		wide, high, wide, high, html.EscapeString(title))
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	b.WriteString("<style>text{font:" + fmt.Sprint(fontSize) + "px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre;fill:" + paint + "}.b{font-weight:700}</style>\n")
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", ground)
	for y := range h {
		for x := 0; x < w; {
			x += t.run(&b, x, y, w)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// run draws the cells from x on that look alike, and says how many they are.
func (t *Terminal) run(b *strings.Builder, x, y, w int) int {
	style, letters, n := t.look(x, y), "", 0
	for x+n < w && (n == 0 || t.look(x+n, y) == style) {
		c := t.screen.CellAt(x+n, y)
		if c == nil || c.Content == "" {
			letters, n = letters+" ", n+1
			continue
		}
		letters, n = letters+c.Content, n+max(c.Width, 1)
	}
	at, top := margin+cellWidth*float64(x), margin+cellHeight*float64(y)
	if style.back != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, at, top, cellWidth*float64(n), cellHeight, style.back)
	}
	if strings.TrimSpace(letters) != "" {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
			at, top+baseline, cellWidth*float64(n), style.attributes(), html.EscapeString(letters))
	}
	return n
}

// look is how a cell is drawn; "" is the terminal's own colour.
type look struct {
	fore, back  string
	bold, faint bool
}

func (l look) attributes() string {
	s := ""
	if l.bold {
		s += ` class="b"`
	}
	if l.fore != "" {
		s += ` style="fill:` + l.fore + `"`
	}
	if l.faint {
		s += ` opacity=".65"`
	}
	return s
}

func (t *Terminal) look(x, y int) look {
	c := t.screen.CellAt(x, y)
	if c == nil {
		return look{}
	}
	l := look{fore: hex(c.Style.Fg), back: hex(c.Style.Bg), bold: c.Style.Attrs&bold != 0, faint: c.Style.Attrs&faint != 0}
	if c.Style.Attrs&reverse != 0 {
		if l.fore == "" {
			l.fore = paint
		}
		if l.back == "" {
			l.back = ground
		}
		l.fore, l.back = l.back, l.fore
	}
	return l
}

// basics are the sixteen colours that a terminal's owner chooses: these are readable on the
// ground of the picture, 4.5:1 at least but for black.
var basics = [16]string{
	"#0b1016", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#d5dbe1",
	"#8b98a5", "#ffa198", "#7ee787", "#f2cc60", "#a5d6ff", "#e2c5ff", "#b3f0ff", "#ffffff",
}

func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	if basic, ok := c.(ansi.BasicColor); ok {
		return basics[basic%16]
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
