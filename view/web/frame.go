package web

import (
	"cmp"
	"slices"
	"time"

	"devstack/timeline"
	"devstack/view"
)

// Frame is one picture, as JSON: all that the page draws but the past. Times are seconds
// on the run's clock.
type Frame struct {
	Run        string               `json:"run"` // tells this run from any other
	Now        float64              `json:"now"`
	State      *view.State          `json:"state"`
	Shares     map[string]float64   `json:"shares"`            // of the last second's calls, 0…1
	Odd        []string             `json:"odd"`               // replicas about which the layers disagree
	Waterfalls []timeline.Waterfall `json:"waterfalls"`        // of the last faults
	Tape       string               `json:"tape"`              // as timeline.Tick.Picks, the newest last
	Leaders    []view.Leadership    `json:"leaders"`           // of each datacenter, when Consul is more than one agent
	Callers    []view.Caller        `json:"callers,omitempty"` // the clients beside the first
	Question   *Question            `json:"question,omitempty"`
}

// Whole is a Frame with its past, for a page that has none.
type Whole struct {
	Frame
	Points []Point           `json:"points"` // one per tick, the newest last
	Events []timeline.Event  `json:"events"` // landmarks of the whole run, and the last of all kinds
	Can    []string          `json:"can"`    // actions that the page may ask for
	Kinds  map[string]string `json:"kinds,omitempty"`
}

// Point is one tick of the curves.
type Point struct {
	T      float64                       `json:"t"`
	OK     int                           `json:"ok"`
	Failed int                           `json:"failed"`
	P50MS  float64                       `json:"p50_ms"`
	P99MS  float64                       `json:"p99_ms"`
	Share  map[string]timeline.TickShare `json:"share"`
}

const (
	tapeShown  = 160
	fallsShown = 6
)

func newFrame(log *timeline.Log, s *view.State) Frame {
	return frameOf(log.Start().UTC().Format(time.RFC3339Nano), log.At(time.Now()), s)
}

// frameOf is the picture of s, of that run at that second.
func frameOf(run string, now float64, s *view.State) Frame {
	f := Frame{
		Run: run, Now: now,
		State: s, Shares: s.Shares(), Odd: []string{}, Waterfalls: s.Waterfalls(), Leaders: []view.Leadership{}, Callers: s.Callers(),
	}
	if s.Cluster() {
		f.Leaders = append(f.Leaders, s.Leaderships()...)
	}
	for _, r := range s.Replicas {
		if r.Disagree() {
			f.Odd = append(f.Odd, r.Name)
		}
	}
	f.Waterfalls = f.Waterfalls[max(0, len(f.Waterfalls)-fallsShown):]
	tape := s.Traffic.Tape
	for _, c := range tape[max(0, len(tape)-tapeShown):] {
		f.Tape += string(rune(c.Glyph))
	}
	return f
}

func newWhole(log *timeline.Log, s *view.State, landmarks []timeline.Event) Whole {
	w := Whole{Frame: newFrame(log, s), Points: []Point{}, Events: withRecent(landmarks, s.Recent)}
	for _, p := range s.Traffic.History {
		w.Points = append(w.Points, Point{p.T, p.OK, p.Failed, p.P50MS, p.P99MS, p.Share})
	}
	return w
}

// withRecent merges two lists of events in order of Seq; what is in both is there once.
func withRecent(landmarks, recent []timeline.Event) []timeline.Event {
	out := append(slices.Clone(landmarks), recent...)
	slices.SortFunc(out, func(a, b timeline.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	out = slices.CompactFunc(out, func(a, b timeline.Event) bool { return a.Seq == b.Seq })
	if out == nil {
		out = []timeline.Event{}
	}
	return out
}
