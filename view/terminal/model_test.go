package terminal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"devstack/timeline"
)

// recorder is Controls that only remembers.
type recorder struct {
	mu   sync.Mutex
	did  []string
	fail error
}

func (r *recorder) note(format string, args ...any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.did = append(r.did, fmt.Sprintf(format, args...))
	return r.fail
}

func (r *recorder) Inject(_ context.Context, kind, replica string, limit time.Duration) error {
	return r.note("inject %s %s %s", kind, replica, limit)
}
func (r *recorder) Heal(_ context.Context, id int) error          { return r.note("heal %d", id) }
func (r *recorder) HealAll(context.Context) error                 { return r.note("heal all") }
func (r *recorder) SetRate(_ context.Context, rate float64) error { return r.note("rate %g", rate) }
func (r *recorder) CallOnce(context.Context) error                { return r.note("call") }
func (r *recorder) list() string                                  { return strings.Join(r.did, ", ") }
func direct(what string, f func(context.Context) error) tea.Cmd {
	return func() tea.Msg { return answer{what, f(context.Background())} }
}

func key(name string) tea.KeyPressMsg {
	codes := map[string]rune{"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "esc": tea.KeyEscape, "home": tea.KeyHome}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	r := []rune(name)[0]
	return tea.KeyPressMsg{Code: r, Text: name}
}

// typeKeys gives the model keys and lets what they start run.
func typeKeys(m *Model, keys ...string) {
	for _, k := range keys {
		if _, cmd := m.Update(key(k)); cmd != nil {
			m.Update(cmd())
		}
	}
}

// at is a model of the recorded run at a second of it.
func at(t *testing.T, seconds float64, cfg Config) *Model {
	m := newModel(cfg, direct)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	var events []timeline.Event
	for _, e := range recorded(t) {
		if e.T <= seconds {
			events = append(events, e)
		}
	}
	m.Update(Batch{Events: events, Now: seconds})
	return m
}

func TestKeysReachTheControls(t *testing.T) {
	for _, c := range []struct {
		name string
		at   float64
		keys []string
		want string
	}{
		{"the first replica is selected", 3, []string{"k"}, "inject kill greeter-1 1m0s"},
		{"digits select", 3, []string{"3", "d"}, "inject drain greeter-3 1m0s"},
		{"arrows select, and stop at the ends", 3, []string{"down", "down", "down", "up", "s"}, "inject slow greeter-2 1m0s"},
		{"a digit without a replica selects nothing new", 3, []string{"2", "9", "p"}, "inject pause greeter-2 1m0s"},
		{"restart heals what is open there", 3.1, []string{"2", "r"}, "heal 1"},
		{"restart of a healthy one does nothing", 3.1, []string{"1", "r"}, ""},
		{"heal all", 3.1, []string{"h"}, "heal all"},
		{"space is one call", 3, []string{"space"}, "call"},
		{"rates go in steps from what was asked for last", 3, []string{"+", "+", "-"}, "rate 500, rate 1000, rate 500"},
		{"z, ? and f change nothing in the world", 3, []string{"z", "?", "f"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &recorder{}
			m := at(t, c.at, Config{Controls: r})
			typeKeys(m, c.keys...)
			if r.list() != c.want {
				t.Errorf("did %q, want %q", r.list(), c.want)
			}
		})
	}
}

// A second p takes the pause back, which the fold knows from the events.
func TestAKeyTakesItsOwnFaultBack(t *testing.T) {
	r := &recorder{}
	m := at(t, 3, Config{Controls: r})
	m.Update(Batch{Now: 4, Events: []timeline.Event{{T: 4, Type: timeline.FaultInjected, D: timeline.Fault{ID: 7, Kind: "pause", Targets: []string{"greeter-1"}, TTL: 60}}}})
	if screen := m.View().Content; !strings.Contains(screen, "injected: pause greeter-1, 60 s left") {
		t.Errorf("the open fault is not shown:\n%s", screen)
	}
	typeKeys(m, "p")
	if r.list() != "heal 7" {
		t.Error(r.list())
	}
}

func TestAnErrorIsShownAndGoesAway(t *testing.T) {
	r := &recorder{fail: errors.New("greeter-1 has no process")}
	m := at(t, 3, Config{Controls: r})
	typeKeys(m, "k")
	if screen := m.View().Content; !strings.Contains(screen, "kill greeter-1: greeter-1 has no process") {
		t.Errorf("no error on the screen:\n%s", screen)
	}
	m.Update(Batch{Now: 20})
	if screen := m.View().Content; strings.Contains(screen, "has no process") {
		t.Error("the error stays for ever")
	}
}

// While the picture is frozen nothing on it moves, and nothing is lost.
func TestFreeze(t *testing.T) {
	m := at(t, 3, Config{Controls: &recorder{}})
	typeKeys(m, "f")
	seq := m.state.Seq
	m.Update(Batch{Now: 7, Events: []timeline.Event{{Seq: seq + 1, T: 7, Type: timeline.LogLine, Msg: "meanwhile"}}})
	if screen := m.View().Content; m.state.Seq != seq || !strings.Contains(screen, "FROZEN −4 s") {
		t.Errorf("not frozen:\n%s", screen)
	}
	typeKeys(m, "f")
	if screen := m.View().Content; !strings.Contains(screen, "meanwhile") || !strings.Contains(screen, "LIVE") {
		t.Errorf("not caught up:\n%s", screen)
	}
}

func TestTheStoryGoesOnOnlyWhereItWaits(t *testing.T) {
	nexts := 0
	m := at(t, 3, Config{Next: func() { nexts++ }})
	typeKeys(m, "n")
	m.Update(Batch{Now: 4, Events: []timeline.Event{{T: 4, Type: timeline.ScenarioGateWaiting}}})
	if screen := m.View().Content; !strings.Contains(screen, "n next") {
		t.Errorf("nobody says that the story waits:\n%s", screen)
	}
	typeKeys(m, "n")
	if nexts != 1 {
		t.Errorf("%d times", nexts)
	}
}

// Quitting a run that is alive only asks; the view leaves when the run has ended.
func TestQuitWaitsForTheEnd(t *testing.T) {
	quits := 0
	m := at(t, 3, Config{Quit: func() { quits++ }})
	if _, cmd := m.Update(key("q")); cmd != nil || quits != 1 {
		t.Errorf("left at once, asked %d times", quits)
	}
	if !strings.Contains(m.View().Content, "STOPPING") {
		t.Error("nobody says so")
	}
	_, cmd := m.Update(Batch{Ended: true})
	if cmd == nil {
		t.Fatal("stays after the end")
	}
	if _, ok := cmd().(tea.QuitMsg); !ok {
		t.Error("stays after the end")
	}
}

func TestNothingChangedNothingDrawn(t *testing.T) {
	m := at(t, 3, Config{})
	m.View()
	m.Update(tea.FocusMsg{})
	if m.dirty {
		t.Error("an unknown message draws")
	}
}

// A record is at the same picture however one got there.
func TestPlayerIsWhereItSays(t *testing.T) {
	events := recorded(t)
	o := Options{Width: 108, Height: 26}
	straight := NewPlayer(events, 1, 3.15)
	p := NewPlayer(events, 2, 0)
	for range 40 {
		p.Advance(0.05)
	}
	if p.Now() < 3.9 || p.Now() > 4.1 {
		t.Errorf("after 2 s at double speed: %v", p.Now())
	}
	p.Seek(99)
	p.Seek(3.15)
	if a, b := Render(straight.State(), o), Render(p.State(), o); a != b {
		t.Errorf("seeking back:\n%s\n%s", a, b)
	}
	p.Step()
	if p.State().Seq != straight.State().Seq+1 || p.Playing() {
		t.Errorf("a step went to %d", p.State().Seq)
	}
}

func TestReplayKeys(t *testing.T) {
	m := newModel(Config{Player: NewPlayer(recorded(t), 1, 2)}, direct)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	for _, c := range []struct {
		key  string
		now  float64
		word string
	}{
		{"space", 2, "PAUSED"}, {"right", 3, "PAUSED"}, {"left", 2, "PAUSED"}, {"home", 0, "PAUSED"}, {"left", 0, "PAUSED"},
		{"space", 0, "REPLAY 1×"}, {">", 0, "REPLAY 2×"}, {"<", 0, "REPLAY 1×"},
	} {
		m.Update(key(c.key))
		if m.cfg.Player.Now() != c.now || !strings.Contains(m.View().Content, c.word) {
			t.Errorf("after %s: at %v, want %v and %s:\n%s", c.key, m.cfg.Player.Now(), c.now, c.word, m.View().Content)
		}
	}
	m.Update(played(0.5))
	if m.cfg.Player.Now() != 0.5 {
		t.Error("does not play")
	}
}

// A machine that stands still often is one line of the events, with its number.
func TestStallsAreOneLine(t *testing.T) {
	var list []timeline.Event
	for i := range 5 {
		list = append(list, timeline.Event{T: float64(i), Type: timeline.MachineStalled, Msg: "stalled", D: timeline.Stall{MS: float64(30 + i)}})
		list = append(list, timeline.Event{T: float64(i), Type: timeline.TrafficBalanced, Msg: "picks are even"})
	}
	got := news(append(list, timeline.Event{T: 9, Type: timeline.ReplicaExited, Msg: "greeter-2 exited"}), 4)
	if len(got) != 2 || got[0].Msg != "this machine stood still 5 times, 34 ms at the longest" || got[1].Msg != "greeter-2 exited" {
		t.Errorf("%v", got)
	}
}
