package view

import (
	"fmt"

	"devstack/timeline"
)

// stalls is a row of news that the machine stood still. Each is a fact, and in the record;
// who reads wants to know how often, and how bad.
type stalls struct {
	times   int
	longest float64 // milliseconds
	last    timeline.Event
}

// add takes e when it is such news.
func (s *stalls) add(e timeline.Event) bool {
	d, ok := timeline.Payload[timeline.Stall](e)
	if !ok || e.Type != timeline.MachineStalled {
		return false
	}
	s.times, s.longest, s.last = s.times+1, max(s.longest, d.MS), e
	return true
}

// take is the row as one event, at the time of its last, and begins the next one; false of
// an empty row.
func (s *stalls) take() (timeline.Event, bool) {
	e, n, longest := s.last, s.times, s.longest
	*s = stalls{}
	if n > 1 {
		e.Msg = fmt.Sprintf("this machine stood still %d times, %.0f ms at the longest", n, longest)
		e.D = timeline.Stall{MS: longest}
	}
	return e, n > 0
}

// FoldStalls is events with every row of stalls as one event.
func FoldStalls(events []timeline.Event) []timeline.Event {
	var s stalls
	out := make([]timeline.Event, 0, len(events))
	for _, e := range events {
		if s.add(e) {
			continue
		}
		if row, any := s.take(); any {
			out = append(out, row)
		}
		out = append(out, e)
	}
	if row, any := s.take(); any {
		out = append(out, row)
	}
	return out
}
