package view

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// wrapped is what comes out at a width, with each write on its own.
func wrapped(width int, writes ...string) string {
	var b strings.Builder
	w := Wrap(&b, func() int { return width })
	for _, s := range writes {
		io.WriteString(w, s)
	}
	return b.String()
}

func TestLinesBreakBetweenWords(t *testing.T) {
	for _, c := range []struct {
		width    int
		in, want string
	}{
		{60, "[  4.880s] said      Calls need no catalog: watch what an election stops\n", "[  4.880s] said      Calls need no catalog: watch what an\n                     election stops\n"},
		{60, "[ 14.880s] predicted nothing stops while the servers elect one of them\n", "[ 14.880s] predicted nothing stops while the servers elect\n                     one of them\n"},
		{60, "\x1b[2m[114.880s]\x1b[0m predicted nothing stops while the servers elect one of them\n", "\x1b[2m[114.880s]\x1b[0m predicted nothing stops while the servers elect\n                     one of them\n"},
		{40, "PASS          a new leader is there when heartbeats are missed\n", "PASS          a new leader is there when\n              heartbeats are missed\n"},
		{40, "\x1b[1mPASS\x1b[0m          a new leader is \x1b[2mthere when\x1b[0m soon\n", "\x1b[1mPASS\x1b[0m          a new leader is \x1b[2mthere when\x1b[0m\n              soon\n"},
		{12, "averylongwordindeed is one\n", "averylongwordindeed\nis one\n"},
		{0, "nobody knows how wide this terminal is\n", "nobody knows how wide this terminal is\n"},
		{40, "  c1  gossip noticed                        1.39 s  ▇▇▇▇▇▇\n", "  c1  gossip noticed\n      1.39 s  ▇▇▇▇▇▇\n"},
	} {
		if got := wrapped(c.width, c.in); got != c.want {
			t.Errorf("%d columns:\n%s\nwant\n%s", c.width, got, c.want)
		}
	}
}

// A question waits for its answer on its own line.
func TestAQuestionIsNotBroken(t *testing.T) {
	if got := wrapped(10, "    next: kill it soon  [Enter] ", "yes, I do think so\n", "then a line\n"); got != "    next: kill it soon  [Enter] yes, I do think so\nthen a\nline\n" {
		t.Errorf("%q", got)
	}
}

// No line of a plain log is wider than its terminal, and nothing is lost, at any width.
func TestNothingIsLostByWrapping(t *testing.T) {
	text := "[  4.880s] said      Calls need no catalog: watch what an election stops\n\n      the end  of it\n"
	for width := 14; width < 90; width++ {
		got := wrapped(width, text)
		if a, b := strings.Fields(got), strings.Fields(text); fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%d columns: %q", width, got)
		}
		for _, line := range strings.Split(got, "\n") {
			if len(line) > width {
				t.Errorf("%d columns: %q has %d", width, line, len(line))
			}
		}
	}
}
