package view

import "slices"

// Snapshot is the State as it is now, of which nobody knows: unlike a Clone, it can take
// events of its own, and so stand for the record up to here. It shares nothing that either
// of the two changes, and keeps no more of the past than a State shows.
func (s *State) Snapshot() *State {
	c := s.Clone()
	c.falls = s.falls.Clone()
	c.Traffic.Tape = last(s.Traffic.Tape, tapeCells)
	c.Traffic.History = last(s.Traffic.History, historyTicks)
	c.Recent = last(s.Recent, recentEvents)
	c.others = copyOthers(s.others, (*State).Snapshot)
	return c
}

// last is a copy of the last n of list.
func last[T any](list []T, n int) []T { return slices.Clone(list[max(0, len(list)-n):]) }
