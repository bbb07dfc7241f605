package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"devstack/timeline"
)

// TestReplicasDifferInMoreThanColour holds that no two of the first thirty replicas have
// the same colour and the same shape, and that neighbours differ in both.
func TestReplicasDifferInMoreThanColour(t *testing.T) {
	seen := map[string]string{}
	before := ""
	for i := range markShapes * len(replicaColours) {
		name := fmt.Sprintf("greeter-%d", i+1)
		if other, ok := seen[markClass(name)]; ok {
			t.Errorf("%s and %s are both drawn as %s", other, name, markClass(name))
		}
		seen[markClass(name)] = name
		if before != "" && (colourClass(name) == colourClass(before) || shapeOf(name) == shapeOf(before)) {
			t.Errorf("%s follows %s with the same colour or shape", name, before)
		}
		before = name
	}
	paths := map[string]bool{}
	for i := range markShapes {
		paths[markPath(fmt.Sprintf("greeter-%d", i+1), 10, 10)] = true
	}
	if len(paths) != markShapes {
		t.Errorf("%d shapes, want %d", len(paths), markShapes)
	}
}

func TestShareIsNumbered(t *testing.T) {
	run, events, calls := madeUp(t, 1000, 200)
	fig, _ := newFrame(run, events, calls).share(calls)
	for i := range 3 {
		want := fmt.Sprintf(`<text class="on r%d"`, i+1)
		if got := strings.Count(string(fig.SVG), want); got != 2 {
			t.Errorf("replica %d is numbered %d times, want at both ends", i+1, got)
		}
		if fig.Legend[i].Glyph != fmt.Sprint(i+1) {
			t.Errorf("legend entry %d has the number %q", i+1, fig.Legend[i].Glyph)
		}
	}
}

func TestShareHoldsEveryCall(t *testing.T) {
	run, events, calls := madeUp(t, 1007, 200)
	f := newFrame(run, events, calls)
	for _, width := range []float64{0.15, 0.7, f.x.to - f.x.from, 1000} {
		total := 0
		for _, s := range f.slots(calls, width) {
			total += s.total
		}
		if total != len(calls) {
			t.Errorf("columns of %v s hold %d of %d calls", width, total, len(calls))
		}
	}
}

// TestEveryFaultHasACaption names faults that are far apart, and three at one place, one
// above the other.
func TestEveryFaultHasACaption(t *testing.T) {
	run := timeline.Run{Seconds: 10}
	for _, at := range []float64{2, 2.01, 2.02, 7, 9.9} {
		run.Waterfalls = append(run.Waterfalls, timeline.Waterfall{Kind: "kill", Targets: []string{"greeter-2"}, Injected: at, Healed: at + 0.5})
	}
	f := newFrame(run, nil, nil)
	var rows []int
	for _, c := range f.notes {
		rows = append(rows, c.row)
	}
	if want := []int{0, 1, 2, 0, 0}; !slices.Equal(rows, want) {
		t.Errorf("the captions are on rows %v, want %v", rows, want)
	}
	d := newDrawing(figureWidth, 100, "t", "d")
	f.captions(d, 14)
	if got := d.b.String(); strings.Count(got, "<text") != 5 || strings.Count(got, `y="44"`) != 1 {
		t.Errorf("five captions on three rows:\n%s", got)
	}
	if f.raised() != 2*captionStep {
		t.Errorf("the plots make room for %v pixels", f.raised())
	}
}

// TestLinesAreUnderWords holds that a fault's line is drawn before what a layer said then.
func TestLinesAreUnderWords(t *testing.T) {
	fig, ok := newFrame(killed(), died(), nil).lanes(died())
	svg := string(fig.SVG)
	line, word := strings.LastIndex(svg, `class="edge"`), strings.Index(svg, `class="word`)
	if !ok || line < 0 || word < line {
		t.Errorf("a line at %d, the first word at %d", line, word)
	}
}

func killed() timeline.Run {
	return timeline.Run{Seconds: 10, Waterfalls: []timeline.Waterfall{{Kind: "kill", Targets: []string{"greeter-1"}, Injected: 2, Healed: 8}}}
}

func died() []timeline.Event {
	on := []string{"replica/greeter-1"}
	return []timeline.Event{
		{T: 0.1, Type: timeline.ReplicaListening, On: on, D: timeline.Process{PID: 1}}, {T: 2.1, Type: timeline.ReplicaExited, On: on}, {T: 10, Type: timeline.RunEnded},
	}
}

// TestNewcomersHaveLanes adds a replica to a made-up run: it has lanes, a line, a caption and
// a strip of picks; the ones that were there from the start have none.
func TestNewcomersHaveLanes(t *testing.T) {
	calls := make([]timeline.Call, 200)
	for i := range calls {
		calls[i] = timeline.Call{Due: 1 + float64(i)/100, Picked: 1 + float64(i)/100, Done: 1.001 + float64(i)/100, OK: true, Replica: fmt.Sprintf("greeter-%d", 1+i%(1+i/100))}
	}
	started := func(at float64, n int) timeline.Event {
		return timeline.Event{T: at, Type: timeline.ReplicaStarted, On: []string{fmt.Sprintf("replica/greeter-%d", n)}, D: timeline.Process{PID: n}}
	}
	events := []timeline.Event{started(0.2, 1), started(1.5, 1), started(1.8, 2), {T: 3, Type: timeline.RunEnded}}
	page := reportOf(t, timeline.Run{Seconds: 3}, events, calls)
	for want, n := range map[string]int{
		`class="head" text-anchor="start" x="0" y="15">greeter-2`: 1, `class="head"`: 1,
		">greeter-2 starts<": 3, `class="join"`: 4, ">not started<": 1, "around the first pick of greeter-2": 1, "around": 1,
	} {
		if got := strings.Count(page, want); got != n {
			t.Errorf("%q is there %d times, want %d", want, got, n)
		}
	}
}
