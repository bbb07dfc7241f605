package terminal

import (
	"fmt"
	"strings"
	"testing"
)

// What the second client believes has a line at every size, and the ladder stays the
// first one's.
func TestASecondClientHasALine(t *testing.T) {
	s := untilOf(t, "two-clients", 5)
	for _, c := range []struct {
		w, h int
		line string
	}{
		{60, 18, "client/2   1 ●   33 %  2 ●   33 %  3 ●   33 %"},
		{80, 24, "client/2   1 ●   33 %  2 ●   33 %  3 ●   33 %"},
		{108, 26, "client/2   1 ● in           33 %  2 ● in           33 %  3 ● in           33 %"},
		{160, 50, "client/2   1 ● in           33 %  2 ● in           33 %  3 ● in           33 %"},
	} {
		screen := Render(s, Options{Width: c.w, Height: c.h})
		exactly(t, fmt.Sprint(c), screen, c.w, c.h)
		if !strings.Contains(screen, c.line) {
			t.Errorf("%d×%d has no line %q:\n%s", c.w, c.h, c.line, screen)
		}
		if strings.Count(strings.ReplaceAll(screen, "≠ is not", ""), "≠") != 2 { // the rule may explain it
			t.Errorf("%d×%d: not just the first client's subchannel and picker are marked:\n%s", c.w, c.h, screen)
		}
	}
}

// A client whose replicas have no room says how many it picks.
func TestManyReplicasOfASecondClient(t *testing.T) {
	s := untilOf(t, "two-clients", 5)
	for n := range 20 {
		r := s.Replicas[0]
		r.Name = fmt.Sprint("greeter-", n+4)
		s.Replicas = append(s.Replicas, r)
	}
	for _, size := range sizes {
		screen := Render(s, Options{Width: size[0], Height: size[1]})
		exactly(t, fmt.Sprint(size), screen, size[0], size[1])
		if size[0] < 200 && strings.Contains(screen, "client/2") && !strings.Contains(screen, "client/2  picks 3 of 23, channel READY") {
			t.Errorf("%v:\n%s", size, screen)
		}
	}
}
