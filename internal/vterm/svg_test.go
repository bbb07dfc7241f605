package vterm

import (
	"strings"
	"testing"
	"time"
)

// A picture has every letter in its column, and the looks that a program asked for.
func TestSVG(t *testing.T) {
	screen, err := Open(20, 4)
	if err != nil {
		t.Skip(err)
	}
	defer screen.Close()
	screen.Slave.WriteString("\x1b[1mbold\x1b[0m \x1b[38;2;255;128;0mred\x1b[0m \x1b[2;31mfaint\x1b[0m\r\n\x1b[7ma<b\x1b[0m ─│ end")
	if err := screen.AwaitText(10*time.Second, "end"); err != nil {
		t.Fatal(err)
	}
	got := screen.SVG(`what "is" seen`)
	for _, want := range []string{
		`aria-label="what &#34;is&#34; seen"`, `class="b">bold<`, `style="fill:#ff8000">red<`, `style="fill:` + basics[1] + `" opacity=".65">faint<`,
		`fill="` + paint + `"/><text`, `style="fill:` + ground + `">a&lt;b<`, `<text x="8.0" y="21.0" textLength="33.6"`, `<text x="50.0" y="21.0" textLength="25.2"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}
