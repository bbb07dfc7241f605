package terminal

import (
	"strings"
	"testing"
)

// In the panel of the agents the keys select and break agents, elsewhere replicas.
func TestKeysOfTheAgents(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		want string
	}{
		{"the first agent is selected", []string{"c", "k"}, "inject consul-kill consul-client-1 1m0s"},
		{"arrows select, and stop at the ends", []string{"c", "down", "down", "down", "down", "up", "p"}, "inject consul-pause consul-2 1m0s"},
		{"digits select", []string{"c", "4", "9", "k"}, "inject consul-kill consul-3 1m0s"},
		{"the zoom comes by the panel too", []string{"z", "z", "2", "k"}, "inject consul-kill consul-1 1m0s"},
		{"restart heals what is open there", []string{"c", "3", "r"}, "heal 1"},
		{"an agent is not slow", []string{"c", "s", "d"}, ""},
		{"and back", []string{"c", "2", "esc", "k"}, "inject kill greeter-1 1m0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &recorder{}
			m := newModel(Config{Controls: r}, direct)
			m.opts.Width, m.opts.Height = 108, 26
			m.state = untilOf(t, "leader-kill", 6.7)
			m.choose()
			typeKeys(m, c.keys...)
			if r.list() != c.want {
				t.Errorf("did %q, want %q", r.list(), c.want)
			}
		})
	}
}

// The selected agent has a mark, and one agent alone has the panel too.
func TestThePanelOfTheAgentsMarksTheSelectedOne(t *testing.T) {
	for name, want := range map[string]string{"leader-kill": "▸   consul-1 ", "kill-node": "▸   consul"} {
		m := newModel(Config{}, direct)
		m.opts.Width, m.opts.Height = 80, 24
		m.state = untilOf(t, name, 6.7)
		m.choose()
		typeKeys(m, "c", "2")
		screen := m.View().Content
		exactly(t, name, screen, 80, 24)
		if strings.Count(screen, "▸") != 1 || !strings.Contains(screen, want) {
			t.Errorf("%s: no mark at %q:\n%s", name, want, screen)
		}
	}
}
