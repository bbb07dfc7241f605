package view

import (
	"strings"
	"testing"

	"devstack/timeline"
)

func fell(marks map[string]float64) timeline.Waterfall {
	w := timeline.Waterfall{Fault: 1, Kind: "kill", Targets: []string{"greeter-2"}, Injected: 2}
	for _, id := range []string{"t1", "t2", "t3", "t4", "t5", "t6", "t7"} {
		m := timeline.Mark{ID: id}
		if ms, ok := marks[id]; ok {
			m.MS = &ms
		}
		w.Marks = append(w.Marks, m)
	}
	return w
}

func TestSentencesSayWhoWasFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		marks map[string]float64
		want  string
	}{
		{"the channel", map[string]float64{"t2": 5, "t5": 718}, "For 713 ms the resolver's list was stale"},
		{"the registry", map[string]float64{"t2": 900, "t5": 100}, "lost its connection 800 ms after"},
		{"both", map[string]float64{"t2": 5.1, "t5": 5}, "changed together"},
		{"nobody", nil, "no layer saw a target change"},
		{"the channel alone", map[string]float64{"t2": 5}, "the channel lost its connection after 5.00 ms; every check kept passing"},
	} {
		run := timeline.Run{Waterfalls: []timeline.Waterfall{fell(c.marks)}, Totals: timeline.Totals{RPCs: 4012, OK: 4011, Failed: 1}}
		if got := strings.Join(Sentences(run), " "); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q does not say %q", c.name, got, c.want)
		} else if !strings.HasPrefix(got, "1 of 4,012 RPCs failed (0.025 %).") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestBoundsSpeakOfMoments(t *testing.T) {
	for measure, want := range map[string]bool{
		"t5": true, "left": true, `noticed["greeter-1"]`: true,
		"length": false, "slowest": false, "t8": false, "t5 - t2": false, "joined - restart.healed": false,
	} {
		if got := isMoment(measure); got != want {
			t.Errorf("isMoment(%s) = %v", measure, got)
		}
	}
}
