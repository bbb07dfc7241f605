package terminal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"devstack/timeline"
	"devstack/view"
)

var update = flag.Bool("update", false, "write the golden files")

func recorded(t testing.TB) []timeline.Event { return recordedAs(t, "kill-node") }

// recordedAs is a run of that scenario, as it was recorded.
func recordedAs(t testing.TB, name string) []timeline.Event {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "testdata", name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// until is the State up to t seconds.
func until(t testing.TB, at float64) *view.State { return untilOf(t, "kill-node", at) }

func untilOf(t testing.TB, name string, at float64) *view.State {
	s := &view.State{}
	for _, e := range recordedAs(t, name) {
		if e.T <= at {
			s.Add(e)
		}
	}
	return s
}

// The moments of the recorded runs that have a picture.
var moments = map[string]struct {
	run string
	at  float64
}{
	"steady": {"kill-node", 3.0}, "killed": {"kill-node", 3.15}, "listed-no-more": {"kill-node", 4.7}, "healed": {"kill-node", 6.9}, "over": {"kill-node", 99},
	"cluster": {"leader-kill", 5.2}, "no-leader": {"leader-kill", 6.7}, "next-leader": {"leader-kill", 8},
}

var sizes = [][2]int{{60, 18}, {80, 24}, {108, 26}}

func exactly(t *testing.T, what, screen string, w, h int) {
	t.Helper()
	lines := strings.Split(screen, "\n")
	if len(lines) != h {
		t.Errorf("%s: %d lines, want %d", what, len(lines), h)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			t.Errorf("%s: line %d is %d columns wide, want %d: %s", what, i+1, got, w, line)
		}
	}
}

func TestGoldenFrames(t *testing.T) {
	for name, m := range moments {
		var got strings.Builder
		for _, size := range sizes {
			for _, ascii := range []bool{false, true} {
				o := Options{Width: size[0], Height: size[1], ASCII: ascii, Selected: "greeter-2", Keys: LiveKeys()}
				screen := Render(untilOf(t, m.run, m.at), o)
				exactly(t, fmt.Sprint(name, size), screen, size[0], size[1])
				fmt.Fprintf(&got, "── %d×%d ascii %v\n%s\n", size[0], size[1], ascii, screen)
			}
		}
		golden(t, name, got.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s changed (go test ./view/terminal -update, then read the difference):\n%s", name, got)
	}
}

// Whatever the size, the palette and the panel: no line is wider or narrower than the
// terminal, and ASCII is ASCII.
func TestEverySizeIsFilledExactly(t *testing.T) {
	s := until(t, 3.5)
	for w := MinWidth; w < 200; w += 19 {
		for h := MinHeight; h < 70; h += 11 {
			for panel := range panels {
				o := Options{Width: w, Height: h, Colour: Colour(w % 3), ASCII: h%2 == 0, Zoom: panel, Help: w%4 == 0, Keys: LiveKeys(), Status: strings.Repeat("long ", 40), Frozen: h%3 == 0, Now: 9}
				screen := Render(s, o)
				exactly(t, fmt.Sprintf("%+v", o), screen, w, h)
				if o.ASCII && strings.ContainsFunc(screen, func(r rune) bool { return r > 0x7e }) {
					t.Errorf("%d×%d: not ASCII", w, h)
				}
				if o.Colour == NoColour && strings.Contains(screen, "\x1b") {
					t.Errorf("%d×%d: an escape byte without colour", w, h)
				}
			}
		}
	}
}

func TestTooSmallIsOneClearLine(t *testing.T) {
	got := strings.TrimSpace(Render(&view.State{}, Options{Width: 59, Height: 18}))
	if got != "devstack needs 60×18, this is 59×18" {
		t.Error(got)
	}
	exactly(t, "tiny", Render(&view.State{}, Options{Width: 5, Height: 2}), 5, 1)
}

// Nothing that comes from outside can tear the picture: not a newline, not an escape, not
// a wide rune, not ten thousand replicas.
func TestHostileTextStaysInItsCells(t *testing.T) {
	s := until(t, 3.5)
	nasty := "a\nb\x1b[2Jc\r世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界\t\u202ee\u0301"
	for i := range 300 {
		s.Add(timeline.Event{T: 4, Type: timeline.LogLine, Sev: timeline.Bad, Msg: fmt.Sprint(i, nasty)})
		s.Add(timeline.Event{T: 4, Type: timeline.ReplicaListening, On: []string{timeline.Replica(fmt.Sprint(nasty, "-", 10*i))}})
		s.Add(timeline.Event{T: 4, Type: timeline.ConsulStarted, On: []string{fmt.Sprint("consul/", nasty, i%20)}, D: timeline.Process{PID: 1}})
	}
	s.Story.Title, s.Story.Said, s.Resolver.Error = nasty, nasty, nasty
	for _, size := range sizes {
		for panel := range panels {
			screen := Render(s, Options{Width: size[0], Height: size[1], Zoom: panel, Status: nasty, Word: nasty})
			exactly(t, fmt.Sprint(size, panel), screen, size[0], size[1])
			if strings.ContainsAny(screen, "\x1b\r\t") {
				t.Error("a control byte reached the screen")
			}
		}
	}
}

// The tape shows the last calls one by one, and all failures among them.
func TestTheTapeIsNotSampled(t *testing.T) {
	s := until(t, 99)
	s.Add(timeline.Event{T: 100, Type: timeline.TrafficTick, D: timeline.Tick{Picks: "123b-+1"}})
	screen := Render(s, Options{Width: 80, Height: 24})
	if !strings.Contains(screen, "123✕✕+1 │") {
		t.Errorf("the newest calls are not at the end of the tape:\n%s", screen)
	}
}

func BenchmarkRender(b *testing.B) {
	s := until(b, 5)
	for b.Loop() {
		Render(s, Options{Width: 108, Height: 26, Colour: TrueColour, Keys: LiveKeys()})
	}
}

// The zoomed ladder tells of the selected replica, and of no other.
func TestTheZoomedLadderTellsOfTheSelectedReplica(t *testing.T) {
	screen := Render(until(t, 3.5), Options{Width: 108, Height: 40, Zoom: LadderPanel, Selected: "greeter-2"})
	_, own, ok := strings.Cut(screen, "EVENTS OF greeter-2")
	if !ok || !strings.Contains(own, "subchannel greeter-2 READY → IDLE") || strings.Contains(own, "subchannel greeter-1") {
		t.Errorf("not the events of greeter-2:\n%s", screen)
	}
}
