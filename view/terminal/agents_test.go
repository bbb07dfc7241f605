package terminal

import (
	"fmt"
	"strings"
	"testing"
)

// Every agent has a row where there is room, and one line stands for all where there is not.
func TestAgentsAtEverySize(t *testing.T) {
	s := untilOf(t, "leader-kill", 6.7)
	for _, c := range []struct {
		w, h int
		rows bool
	}{{60, 18, false}, {80, 24, false}, {108, 26, true}, {80, 40, true}, {160, 50, true}} {
		screen := Render(s, Options{Width: c.w, Height: c.h})
		if !strings.Contains(screen, "NO LEADER") || !strings.Contains(screen, "3 of 4 run") {
			t.Errorf("%d×%d does not say that nobody leads:\n%s", c.w, c.h, screen)
		}
		if got := strings.Count(screen, "sees 3/4 alive"); got != map[bool]int{true: 3}[c.rows] {
			t.Errorf("%d×%d: %d agents say whom they see:\n%s", c.w, c.h, got, screen)
		}
	}
}

// The zoom has a panel of the agents when there are several, and none when there is one.
func TestTheZoomOfTheAgents(t *testing.T) {
	m := newModel(Config{}, direct)
	for name, want := range map[string]string{"leader-kill": "AGENTS", "kill-node": "PICKS"} {
		m.opts.Width, m.opts.Height, m.opts.Zoom = 108, 26, NoPanel
		m.state = untilOf(t, name, 6.7)
		typeKeys(m, "z", "z")
		screen := m.View().Content
		if !strings.Contains(screen, "├─ "+want) {
			t.Errorf("%s: the second panel is not %s:\n%s", name, want, screen)
		}
		if name == "leader-kill" && (!strings.Contains(screen, "term 2") || !strings.Contains(screen, "consul-2 failed")) {
			t.Errorf("the panel does not say all:\n%s", screen)
		}
	}
}

// More datacenters than one each have their leader, or none.
func TestTwoDatacenters(t *testing.T) {
	s := untilOf(t, "leader-kill", 99)
	s.Agents[1].DC = "dc2"
	for _, size := range sizes {
		screen := Render(s, Options{Width: size[0], Height: size[1], Zoom: AgentsPanel})
		exactly(t, fmt.Sprint(size), screen, size[0], size[1])
		if !strings.Contains(screen, "✕ NO LEADER  dc2, ★ consul-3 dc1") {
			t.Errorf("%v:\n%s", size, screen)
		}
	}
}
