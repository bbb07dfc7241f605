package view

import (
	"slices"

	"devstack/timeline"
)

// Caller is a client beside the first: what it believes of each replica. What the first one
// believes is the State's own, and where the two differ both may be right.
type Caller struct {
	Name     string   `json:"name"`    // client/2
	Channel  string   `json:"channel"` // state of its picker
	Rate     float64  `json:"rate"`    // calls per second that ended, over the last second
	OK       int      `json:"ok"`
	Failed   int      `json:"failed"`
	Believes []Belief `json:"believes"` // one of each replica, in the order of State.Replicas
}

// Belief is what a client takes a replica for.
type Belief struct {
	Replica    string  `json:"replica"`
	Listed     bool    `json:"listed"`     // in its resolver's last list
	Subchannel string  `json:"subchannel"` // gRPC's connectivity state, "" when there is none
	Picked     bool    `json:"picked"`     // in its picker
	Share      float64 `json:"share"`      // of its calls of the last second, 0…1
}

// another is a client beside the first, as the State that it would be alone.
type another struct {
	name  string
	state State
}

// Callers are the clients beside the first, in the order of their numbers.
func (s *State) Callers() []Caller {
	var list []Caller
	for _, o := range s.others {
		c := Caller{Name: o.name, Channel: o.state.Channel, Rate: o.state.Traffic.Rate, OK: o.state.Traffic.OK, Failed: o.state.Traffic.Failed, Believes: []Belief{}}
		shares := o.state.Shares()
		for _, r := range s.Replicas {
			b := Belief{Replica: r.Name, Share: shares[r.Name]}
			if own := o.state.find(r.Name); own != nil {
				b.Listed, b.Subchannel, b.Picked = own.Listed, own.Subchannel, own.Picked
			}
			c.Believes = append(c.Believes, b)
		}
		list = append(list, c)
	}
	return list
}

// addAnother takes an event of a client beside the first, which changes nothing but what
// that one believes.
func (s *State) addAnother(e timeline.Event) {
	at, known := slices.BinarySearchFunc(s.others, e.Client(), func(o *another, name string) int { return byNumber(o.name, name) })
	if !known {
		s.others = slices.Insert(s.others, at, &another{name: e.Client()})
	}
	s.others[at].state.Add(e.AsFirst())
}

// find is the row of name, nil when there is none.
func (s *State) find(name string) *Replica {
	for i := range s.Replicas {
		if s.Replicas[i].Name == name {
			return &s.Replicas[i]
		}
	}
	return nil
}

// copyOthers is others, each by copied.
func copyOthers(others []*another, copied func(*State) *State) []*another {
	var list []*another
	for _, o := range others {
		list = append(list, &another{o.name, *copied(&o.state)})
	}
	return list
}
