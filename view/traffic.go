package view

import (
	"devstack/timeline"
)

// Traffic is what became of the calls.
type Traffic struct {
	Offered  float64        `json:"offered"` // calls per second that are due
	Rate     float64        `json:"rate"`    // calls per second that ended, over the last second
	OK       int            `json:"ok"`
	Failed   int            `json:"failed"`
	ByCode   map[string]int `json:"by_code,omitempty"`
	P50MS    float64        `json:"p50_ms"` // of the last tick
	P99MS    float64        `json:"p99_ms"`
	InFlight int            `json:"in_flight"`
	Even     bool           `json:"even"` // picks are even over those that are picked

	Tape    []Cell  `json:"-"` // one cell per call in order of completion, the newest last
	History []Point `json:"-"` // one point per tick, the newest last
}

// Cell is one call on the tape.
type Cell struct {
	T       float64 // end of its tick
	Glyph   byte    // as timeline.Tick.Picks has it
	Replica int     // 1 to 9, 0 for none or one beyond
	OK      bool
}

// Point is one tick of the curves.
type Point struct {
	T, Seconds   float64 // its end, and how long it was
	OK, Failed   int
	P50MS, P99MS float64
	Share        map[string]timeline.TickShare
}

const (
	tapeCells    = 600
	historyTicks = 1200 // five minutes
)

func (s *State) addTraffic(e timeline.Event) {
	tr := &s.Traffic
	switch e.Type {
	case timeline.TrafficTick:
		if d, ok := timeline.Payload[timeline.Tick](e); ok {
			s.addTick(e.T, d)
		}
	case timeline.LoadChanged:
		if d, ok := timeline.Payload[timeline.LoadRate](e); ok {
			tr.Offered = d.Rate
		}
	case timeline.TrafficBalanced:
		tr.Even = true
	}
}

func (s *State) addTick(t float64, d timeline.Tick) {
	tr := &s.Traffic
	p := Point{T: t, Seconds: d.Seconds, P50MS: d.P50MS, P99MS: d.P99MS, Share: d.Replicas}
	if tr.ByCode == nil {
		tr.ByCode = map[string]int{}
	}
	for code, n := range d.Failed {
		p.Failed += n
		tr.ByCode[code] += n
	}
	for name, share := range d.Replicas {
		p.OK += share.OK
		r := s.replica(name)
		r.OK += share.OK
		r.Failed += share.Failed
	}
	tr.OK += p.OK
	tr.Failed += p.Failed
	tr.P50MS, tr.P99MS, tr.InFlight, tr.Offered = d.P50MS, d.P99MS, d.InFlight, d.Rate
	tr.History = keep(append(tr.History, p), historyTicks)
	for i := range len(d.Picks) {
		tr.Tape = append(tr.Tape, tapeCell(t, d.Picks[i]))
	}
	tr.Tape = keep(tr.Tape, tapeCells)
	s.lastSecond()
}

// lastSecond counts what the ticks that make up the last second say.
func (s *State) lastSecond() {
	recent := map[string]int{}
	total, span := 0, 0.0
	for i := len(s.Traffic.History) - 1; i >= 0 && span < 1; i-- {
		p := s.Traffic.History[i]
		total += p.OK + p.Failed
		span += p.Seconds
		for name, share := range p.Share {
			recent[name] += share.OK + share.Failed
		}
	}
	if span > 0 {
		s.Traffic.Rate = float64(total) / span
	}
	even := true
	least, most := -1, 0
	for i := range s.Replicas {
		r := &s.Replicas[i]
		r.Recent = recent[r.Name]
		if r.Picked {
			if least < 0 || r.Recent < least {
				least = r.Recent
			}
			most = max(most, r.Recent)
		} else if r.Recent > 0 {
			even = false
		}
	}
	s.Traffic.Even = even && most-least <= 1+most/50
}

func tapeCell(t float64, glyph byte) Cell {
	c := Cell{T: t, Glyph: glyph}
	switch {
	case glyph >= '1' && glyph <= '9':
		c.Replica, c.OK = int(glyph-'0'), true
	case glyph >= 'a' && glyph <= 'i':
		c.Replica = int(glyph-'a') + 1
	case glyph == '+':
		c.OK = true
	}
	return c
}

// keep drops the oldest beyond n, seldom enough to cost nothing per call.
func keep[T any](list []T, n int) []T {
	if len(list) <= 2*n {
		return list
	}
	return append([]T(nil), list[len(list)-n:]...)
}

// Shares is each replica's part of the calls of the last second, in 0…1.
func (s *State) Shares() map[string]float64 {
	total := 0
	for _, r := range s.Replicas {
		total += r.Recent
	}
	out := map[string]float64{}
	for _, r := range s.Replicas {
		if total > 0 {
			out[r.Name] = float64(r.Recent) / float64(total)
		}
	}
	return out
}
