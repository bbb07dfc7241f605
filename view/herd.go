package view

import (
	"fmt"

	"devstack/timeline"
)

// Herd is how far the newest list has come among the channels that only watch, and what
// the agent lets them do.
type Herd struct {
	Channels int    `json:"channels"`
	Watch    string `json:"watch"`   // shared or own
	Reached  int    `json:"reached"` // channels that have the newest list
	Conns    int    `json:"conns"`   // open to the agent
	Refused  int    `json:"refused"` // queries that it turned away so far
}

func (s *State) addHerd(e timeline.Event) {
	h := Herd{}
	if s.Herd != nil {
		h = *s.Herd
	}
	switch e.Type {
	case timeline.HerdUpdated:
		if d, ok := timeline.Payload[timeline.Herd](e); ok {
			h.Channels, h.Watch, h.Reached, h.Conns = d.Channels, d.Watch, d.Reached, d.Conns
		}
	case timeline.HerdRefused:
		if d, ok := timeline.Payload[timeline.HerdRefusal](e); ok {
			h.Conns = d.Conns
			h.Refused += d.Refused
		}
	}
	s.Herd = &h // a new one: a Clone keeps what it has
}

// String is the herd in a few words.
func (h Herd) String() string {
	s := fmt.Sprintf("herd %d/%d on %d conn", h.Reached, h.Channels, h.Conns)
	if h.Conns != 1 {
		s += "s"
	}
	if h.Refused > 0 {
		s += fmt.Sprintf(", ✕ %d", h.Refused)
	}
	return s
}
