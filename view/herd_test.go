package view

import (
	"testing"

	"devstack/timeline"
)

// The herd of the picture is the last list's, and every refusal so far.
func TestTheHerdInThePicture(t *testing.T) {
	var s State
	if s.Herd != nil {
		t.Error("there is a herd before anything was told")
	}
	add := func(typ timeline.Type, d any) { s.Add(timeline.Event{Type: typ, Src: "herd", D: d}) }
	add(timeline.HerdRefused, timeline.HerdRefusal{Refused: 33, Conns: 217})
	add(timeline.HerdUpdated, timeline.Herd{Channels: 250, Watch: "own", Reached: 200, Missed: 50, Conns: 200})
	before := s.Clone()
	add(timeline.HerdRefused, timeline.HerdRefusal{Refused: 50, Conns: 201})
	if want := (Herd{Channels: 250, Watch: "own", Reached: 200, Conns: 201, Refused: 83}); *s.Herd != want {
		t.Errorf("%+v, want %+v", *s.Herd, want)
	}
	if before.Herd.Refused != 33 {
		t.Errorf("a clone changed with its original to %+v", *before.Herd)
	}
	for want, h := range map[string]Herd{
		"herd 250/250 on 1 conn":          {Channels: 250, Reached: 250, Conns: 1},
		"herd 200/250 on 201 conns, ✕ 83": *s.Herd,
	} {
		if got := h.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
