package terminal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"devstack/view"
)

// press is what a key does. Those that change the picture only come first.
func (m *Model) press(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch key {
	case "q", "ctrl+c":
		return m.quit()
	case "?":
		m.opts.Help = !m.opts.Help
	case "esc":
		m.opts.Help, m.opts.Zoom = false, NoPanel
	case "z":
		m.opts.Zoom, m.opts.Help = m.opts.Zoom.next(m.state.Cluster()), false
	case "c":
		m.opts.Zoom, m.opts.Help = AgentsPanel, false
	case "up":
		m.move(-1)
	case "down":
		m.move(1)
	default:
		if len(key) == 1 && key[0] >= '1' && key[0] <= '9' {
			m.jump(int(key[0] - '0'))
			return nil
		}
		if m.cfg.Player != nil {
			return m.play(key)
		}
		return m.live(key)
	}
	return nil
}

func (m *Model) quit() tea.Cmd {
	if m.cfg.Quit == nil {
		return tea.Quit
	}
	m.cfg.Quit()
	m.opts.Word = "■ STOPPING"
	m.say("stopping everything in order; q again: at once", false)
	return nil
}

// live are the keys of a run that is under way.
func (m *Model) live(key string) tea.Cmd {
	switch key {
	case "f":
		if m.opts.Frozen {
			m.thaw()
		} else {
			m.opts.Frozen = true
		}
		return nil
	case "n", "pgdown":
		if m.cfg.Next != nil && m.state.Story.Waiting {
			m.state.Story.Waiting = false // one press, one step: the record will say the same
			m.cfg.Next()
		}
		return nil
	}
	if m.cfg.Controls == nil {
		return nil
	}
	return m.change(key)
}

// change are the keys that change the world.
func (m *Model) change(key string) tea.Cmd {
	c := m.cfg.Controls
	switch key {
	case "k":
		return m.injectOrHeal("kill", false)
	case "d":
		return m.injectOrHeal("drain", false)
	case "p":
		return m.injectOrHeal("pause", true)
	case "s":
		return m.injectOrHeal("slow", true)
	case "r":
		return m.restart()
	case "h":
		return m.start("heal all", c.HealAll)
	case "space", " ":
		return m.start("one RPC", c.CallOnce)
	case "+", "=", "-", "_":
		m.rate = step(m.offered(), key == "+" || key == "=")
		rate := m.rate
		return m.start(fmt.Sprintf("%g RPC/s", rate), func(ctx context.Context) error { return c.SetRate(ctx, rate) })
	}
	return nil
}

// start shows that what is under way, and does it.
func (m *Model) start(what string, f func(context.Context) error) tea.Cmd {
	m.say(what+" …", false)
	return m.do(what, f)
}

// injectOrHeal breaks who is selected, or, for a fault that a key can take back, mends it
// when that very fault is open.
func (m *Model) injectOrHeal(kind string, back bool) tea.Cmd {
	name := m.chosen()
	if m.onAgents() {
		if !slices.Contains(agentFaults, kind) {
			m.say("a key kills or pauses an agent; for other faults: devstack inject --list", true)
			return nil
		}
		kind = "consul-" + kind
	}
	if name == "" {
		m.say("nobody is selected", true)
		return nil
	}
	at := slices.IndexFunc(m.state.Faults, func(f view.OpenFault) bool {
		return f.Kind == kind && slices.Contains(f.Targets, name)
	})
	if back && at >= 0 {
		id := m.state.Faults[at].ID
		return m.start("heal "+kind+" "+name, func(ctx context.Context) error { return m.cfg.Controls.Heal(ctx, id) })
	}
	return m.start(kind+" "+name, func(ctx context.Context) error {
		return m.cfg.Controls.Inject(ctx, kind, name, FaultLimit)
	})
}

// restart heals what is open on who is selected, the latest fault first.
func (m *Model) restart() tea.Cmd {
	name := m.chosen()
	var ids []int
	for _, f := range m.state.Faults {
		if slices.Contains(f.Targets, name) {
			ids = append([]int{f.ID}, ids...)
		}
	}
	if len(ids) == 0 {
		m.say(strings.TrimSpace("nothing is injected into "+name), true)
		return nil
	}
	return m.start("heal "+name, func(ctx context.Context) error {
		for _, id := range ids {
			if err := m.cfg.Controls.Heal(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// played is a piece of the watcher's time, in seconds.
type played float64

// frame is the time between two pictures of a record.
const frame = 50 * time.Millisecond

// playOn asks for the next piece of time, when the player needs one.
func (m *Model) playOn() tea.Cmd {
	if m.cfg.Player == nil || !m.cfg.Player.Playing() || m.ticking {
		return nil
	}
	m.ticking = true
	begin := time.Now()
	return tea.Tick(frame, func(now time.Time) tea.Msg { return played(now.Sub(begin).Seconds()) })
}

// play are the keys of a record.
func (m *Model) play(key string) tea.Cmd {
	p := m.cfg.Player
	switch key {
	case "space", " ", "f":
		p.Pause()
	case "left":
		p.Seek(p.Now() - 1)
	case "right":
		p.Seek(p.Now() + 1)
	case "shift+left", "pgup":
		p.Seek(p.Now() - 10)
	case "shift+right", "pgdown":
		p.Seek(p.Now() + 10)
	case "home":
		p.Seek(0)
	case "end":
		p.Seek(p.End())
	case "<", ",":
		p.Faster(false)
	case ">":
		p.Faster(true)
	case ".", "n":
		p.Step()
	}
	m.follow()
	return m.playOn()
}
