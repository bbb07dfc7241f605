package view

import (
	"cmp"
	"fmt"
	"slices"

	"devstack/timeline"
)

// span is for how long a layer said one word.
type span struct {
	from, to   float64
	word, tone string
}

// lane is one layer's view of one subject.
type lane struct {
	subject, layer string
	spans          []span
}

// laneTone says how a word should look: fine, on its way, or gone.
func laneTone(word string) string {
	switch word {
	case "running", "passing", "listed", "READY", "answers", "alive", "leader", "follower", "client":
		return "fine"
	case "exited", "critical", "absent", "TRANSIENT_FAILURE", "not listed", "none", "silent", "unknown", "not started", "failed", "no leader":
		return "gone"
	}
	if isAgent(word) { // who leads
		return "fine"
	}
	return "change"
}

// newLanes is what each layer said of each subject between from and to, or for as long as
// the record tells.
func newLanes(subjects []string, events []timeline.Event, from, to float64) []lane {
	var s State
	var lanes []lane
	c := castOf(events)
	if n := len(events); n > 0 {
		to = min(to, events[n-1].T)
	}
	for _, e := range events {
		if e.T > to {
			break
		}
		s.Add(e)
		if e.Type == timeline.TrafficTick || e.Type == timeline.RPCFailed {
			continue
		}
		at := 0
		tell := func(subject string, layers [][2]string) {
			for _, said := range layers {
				if at == len(lanes) {
					lanes = append(lanes, lane{subject: subject, layer: said[0]})
				}
				lanes[at].say(max(e.T, from), said[1])
				at++
			}
		}
		tell("Consul", leadersOf(&s, c.datacenters))
		for _, name := range subjects {
			tell(name, layersOf(&s, name, c))
		}
	}
	for i := range lanes {
		lanes[i].end(to)
	}
	return lanes
}

// cast is who takes part beside the subjects, so that every subject has its lanes from the
// first event on.
type cast struct {
	datacenters []string // of a Consul cluster, in the order of its agents; none of a single agent
	clients     []string // beside the first, in the order of their numbers
}

func castOf(events []timeline.Event) cast {
	var c cast
	for _, l := range Fold(events).Leaderships() {
		c.datacenters = append(c.datacenters, l.DC)
	}
	for _, e := range events {
		if e.OfAnother() && !slices.Contains(c.clients, e.Client()) {
			c.clients = append(c.clients, e.Client())
		}
	}
	slices.SortFunc(c.clients, byNumber)
	return c
}

// layersOf is what each layer says of a subject now, from the ground up, and under the
// first client's what others say. The number of its layers does not change while a run
// goes on.
func layersOf(s *State, name string, c cast) [][2]string {
	if ordinal(name) >= 1<<20 || !isReplica(s, name) && isAgent(name) {
		return agentLayers(s, name, len(c.datacenters) > 0)
	}
	r := Replica{Check: "absent", Catalog: "absent"}
	if known := s.find(name); known != nil {
		r = *known
	}
	listed := map[bool]string{true: "listed", false: "not listed"}[r.Listed]
	layers := [][2]string{
		{"process", cmp.Or(r.Process, "not started")}, {"consul", r.Catalog}, {"resolver", listed}, {"subchannel", cmp.Or(r.Subchannel, "none")},
	}
	for _, client := range c.clients {
		layers = append(layers, [2]string{client, s.subchannelOf(client, name)})
	}
	return layers
}

// subchannelOf is the state of that client's connection to a replica.
func (s *State) subchannelOf(client, replica string) string {
	for _, o := range s.others {
		if r := o.state.find(replica); o.name == client && r != nil {
			return cmp.Or(r.Subchannel, "none")
		}
	}
	return "none"
}

func isReplica(s *State, name string) bool { return s.find(name) != nil }

func isAgent(name string) bool { return len(name) >= 6 && name[:6] == "consul" }

func orUnknown(word string) string {
	if word == "" {
		return "unknown"
	}
	return word
}

func (l *lane) say(t float64, word string) {
	n := len(l.spans)
	if n > 0 && l.spans[n-1].word == word {
		return
	}
	if n > 0 {
		l.spans[n-1].to = t
	}
	l.spans = append(l.spans, span{from: t, word: word, tone: laneTone(word)})
}

// end closes the last span and drops those before the picture, which have no length.
func (l *lane) end(to float64) {
	kept := l.spans[:0]
	for i, s := range l.spans {
		if i == len(l.spans)-1 {
			s.to = to
		}
		if s.to > s.from {
			kept = append(kept, s)
		}
	}
	l.spans = kept
}

func (s span) tip() string { return fmt.Sprintf("%s from %.3f s to %.3f s", s.word, s.from, s.to) }
