package terminal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"devstack/timeline"
	"devstack/view"
)

// Config is what a Model needs beside its events.
type Config struct {
	Colour Colour
	ASCII  bool
	Keys   []Key

	Controls Controls // nil: nothing can be broken from here
	Next     func()   // lets a waiting story go on; nil: it never waits
	Quit     func()   // asks the run to end: the view stays until its events do; nil: leaves at once
	Player   *Player  // of a record; nil: events come as Batches
}

// Batch is what became known since the last one.
type Batch struct {
	Events []timeline.Event
	Now    float64 // the run's clock, in seconds
	Ended  bool    // nothing more will come
}

// answer is what became of a key's action.
type answer struct {
	what string
	err  error
}

// act runs f beside the drawing, and answers with what and f's error.
type act func(what string, f func(context.Context) error) tea.Cmd

// Model is the view of one run as bubbletea drives it: messages in, a screen out. It
// draws again only when something changed.
type Model struct {
	cfg     Config
	do      act
	state   *view.State
	opts    Options
	pending []timeline.Event // came while the picture was frozen
	said    float64          // when Status was set
	rate    float64          // that was last asked for; negative: none
	screen  string
	dirty   bool
	ticking bool // a piece of time is on its way
}

func newModel(cfg Config, do act) *Model {
	m := &Model{cfg: cfg, do: do, state: &view.State{}, dirty: true, rate: -1,
		opts: Options{Colour: cfg.Colour, ASCII: cfg.ASCII, Keys: cfg.Keys}}
	m.follow()
	return m
}

// follow takes the player's picture for ours.
func (m *Model) follow() {
	if p := m.cfg.Player; p != nil {
		m.state, m.opts.Now, m.opts.Word = p.State(), p.Now(), p.Word()
		m.choose()
	}
}

// Init starts the clock of a player.
func (m *Model) Init() tea.Cmd { return m.playOn() }

// Update takes one message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.dirty = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.opts.Width, m.opts.Height = msg.Width, msg.Height
	case Batch:
		return m, m.add(msg)
	case answer:
		m.answered(msg)
	case played:
		m.ticking = false
		m.cfg.Player.Advance(float64(msg))
		m.follow()
		return m, m.playOn()
	case tea.KeyPressMsg:
		return m, m.press(msg)
	default:
		m.dirty = false
	}
	return m, nil
}

// View is the screen.
func (m *Model) View() tea.View {
	if m.dirty {
		m.screen, m.dirty = Render(m.state, m.opts), false
	}
	v := tea.NewView(m.screen)
	v.AltScreen = true
	v.WindowTitle = "devstack " + m.state.Name
	return v
}

func (m *Model) add(b Batch) tea.Cmd {
	m.opts.Now = b.Now
	if m.opts.Frozen {
		m.pending = append(m.pending, b.Events...)
	} else {
		m.fold(b.Events)
	}
	if m.opts.Status != "" && b.Now-m.said > 8 {
		m.say("", false)
	}
	if b.Ended {
		m.thaw()
		return tea.Quit
	}
	return nil
}

func (m *Model) fold(events []timeline.Event) {
	for _, e := range events {
		m.state.Add(e)
		if e.Type == timeline.LoadChanged {
			m.rate = -1
		}
	}
	m.choose()
}

func (m *Model) thaw() {
	m.opts.Frozen = false
	m.fold(m.pending)
	m.pending = nil
}

func (m *Model) say(text string, failed bool) {
	m.opts.Status, m.opts.Failed, m.said = text, failed, m.opts.Now
}

func (m *Model) answered(a answer) {
	switch {
	case a.err != nil:
		m.say(fmt.Sprintf("%s: %v", a.what, a.err), true)
	case m.opts.Status == a.what+" …":
		m.say(a.what+": done", false)
	}
}

// choose keeps a replica selected that exists, and an agent.
func (m *Model) choose() {
	m.chooseAgent()
	if len(m.state.Replicas) > 0 && m.selected() == nil {
		m.opts.Selected = m.state.Replicas[0].Name
	}
}

func (m *Model) selected() *view.Replica {
	if i := m.place(); i >= 0 {
		return &m.state.Replicas[i]
	}
	return nil
}

func (m *Model) place() int {
	return slices.IndexFunc(m.state.Replicas, func(r view.Replica) bool { return r.Name == m.opts.Selected })
}

// move selects the replica n rows further down, or the agent.
func (m *Model) move(n int) {
	if m.onAgents() {
		m.selectAgent(m.agentPlace() + n)
		return
	}
	if last := len(m.state.Replicas) - 1; last >= 0 {
		m.opts.Selected = m.state.Replicas[min(max(0, m.place()+n), last)].Name
	}
}

// jump selects the replica with number n, or the nth agent.
func (m *Model) jump(n int) {
	if m.onAgents() {
		if n <= len(m.state.Agents) {
			m.selectAgent(n - 1)
		}
		return
	}
	for i, r := range m.state.Replicas {
		if number(r.Name, i) == n {
			m.opts.Selected = r.Name
		}
	}
}

// offered is the rate that the next key press starts from.
func (m *Model) offered() float64 {
	return cmp.Or(max(m.rate, 0), m.state.Traffic.Offered)
}
