package view

import (
	"maps"
	"slices"
	"strings"

	"devstack/timeline"
)

// State is the whole picture at one moment of a run: what every view draws. It is a fold
// of events and of nothing else, so a live run, a replay and a record cut at the same event
// are the same State. It is not safe for concurrent use; its zero value is a run that has
// not begun. It keeps a bounded part of the past: the last tape cells and events.
type State struct {
	Name string  `json:"name"` // of the scenario, or "up"
	T    float64 `json:"t"`    // of the last event, seconds on the run's clock
	Seq  uint64  `json:"seq"`

	Ready    *timeline.Ready `json:"ready,omitempty"`
	Replicas []Replica       `json:"replicas"` // in the order of their names' numbers
	Consul   Consul          `json:"consul"`   // the agent that the client talks to
	Agents   []Agent         `json:"agents,omitempty"`
	Resolver Resolver        `json:"resolver"`
	Channel  string          `json:"channel"`        // state of the picker
	Herd     *Herd           `json:"herd,omitempty"` // nil without one
	Traffic  Traffic         `json:"traffic"`
	Story    Story           `json:"story"`
	Faults   []OpenFault     `json:"faults"` // injected now, oldest first
	Ended    bool            `json:"ended"`

	Recent []timeline.Event `json:"-"` // the last events that have a sentence, oldest first

	falls  timeline.WaterfallFold
	others []*another // the clients beside the first, by number
}

// Replica is one row of the ladder: what each layer believes about it.
type Replica struct {
	Name       string `json:"name"`
	Addr       string `json:"addr,omitempty"`
	PID        int    `json:"pid,omitempty"`
	DC         string `json:"dc,omitempty"` // its datacenter, when that is not the client's
	Process    string `json:"process"`      // starting, running, paused, draining, exited; "" when it is not ours
	Check      string `json:"check"`        // at the agent: passing, warning, critical, absent
	Catalog    string `json:"catalog"`      // the same, as the catalog answers
	Listed     bool   `json:"listed"`       // in the resolver's last list
	Subchannel string `json:"subchannel"`   // gRPC's connectivity state, "" when there is none
	Picked     bool   `json:"picked"`       // in the picker
	OK         int    `json:"ok"`
	Failed     int    `json:"failed"`
	Recent     int    `json:"recent"` // calls that it was given in the last second
}

// Consul is the agent as the observers see it.
type Consul struct {
	Process string `json:"process"` // running, paused, exited; foreign: somebody else's
	Answers bool   `json:"answers"`
	Leader  string `json:"leader"`
	Index   uint64 `json:"index"` // of the service's last answer
}

// Resolver is the last that the resolver told the balancer.
type Resolver struct {
	Index   uint64  `json:"index"`
	Listed  int     `json:"listed"`
	Updates int     `json:"updates"`
	Error   string  `json:"error,omitempty"` // since the last good list
	At      float64 `json:"at"`
	Crashed bool    `json:"crashed,omitempty"`
}

// Story is where a scenario is.
type Story struct {
	Title   string           `json:"title,omitempty"`
	Steps   []string         `json:"steps,omitempty"`
	Step    string           `json:"step,omitempty"`
	Phase   string           `json:"phase,omitempty"`
	Said    string           `json:"said,omitempty"`
	Waiting bool             `json:"waiting,omitempty"` // for a person, at a gate
	Verdict timeline.Verdict `json:"verdict,omitempty"`
	Why     string           `json:"why,omitempty"`

	Expectations []timeline.Expectation `json:"expectations,omitempty"`
}

// OpenFault is a fault that is in the world now.
type OpenFault struct {
	timeline.Fault
	Since float64 `json:"since"`
}

// recentEvents is how many of the last events a State keeps.
const recentEvents = 200

// Add takes the next event, in order of Seq.
func (s *State) Add(e timeline.Event) {
	s.T, s.Seq = e.T, e.Seq
	s.falls.Add(e)
	if e.OfAnother() {
		s.addAnother(e)
	} else {
		s.fold(e)
	}
	if e.Msg != "" && !quiet[e.Type] && e.Type != timeline.TrafficTick {
		s.Recent = append(s.Recent, e)
		if len(s.Recent) > 2*recentEvents {
			s.Recent = slices.Clone(s.Recent[recentEvents:])
		}
	}
}

// fold takes what e says of the first client and of the world that all clients share.
func (s *State) fold(e timeline.Event) {
	switch noun, _, _ := strings.Cut(string(e.Type), "."); noun {
	case "replica":
		s.addReplica(e)
	case "consul":
		s.addAgent(e)
		s.addConsul(e)
	case "resolver":
		s.addResolver(e)
	case "herd":
		s.addHerd(e)
	case "subchannel", "picker":
		s.addChannel(e)
	case "traffic", "load", "rpc":
		s.addTraffic(e)
	case "fault":
		s.addFault(e)
	case "scenario":
		s.addStory(e)
	case "stack", "run":
		s.addRun(e)
	}
}

// Waterfalls is who knew when, one per fault so far.
func (s *State) Waterfalls() []timeline.Waterfall { return s.falls.Waterfalls() }

// Fold is the State after events.
func Fold(events []timeline.Event) *State {
	s := &State{}
	for _, e := range events {
		s.Add(e)
	}
	return s
}

func (s *State) addRun(e timeline.Event) {
	switch d := e.Type; d {
	case timeline.RunStarted:
		if p, ok := timeline.Payload[timeline.Started](e); ok {
			s.Name = p.Name
		}
	case timeline.StackReady:
		if p, ok := timeline.Payload[timeline.Ready](e); ok {
			s.Ready = &p
		}
	case timeline.RunEnded:
		s.Ended = true
	}
}

func (s *State) addFault(e timeline.Event) {
	f, ok := timeline.Payload[timeline.Fault](e)
	if !ok {
		return
	}
	s.Faults = slices.Clone(s.Faults)
	if at := slices.IndexFunc(s.Faults, func(o OpenFault) bool { return o.ID == f.ID }); at >= 0 && e.Type == timeline.FaultHealFailed {
		s.Faults[at].Error = f.Error
		return
	}
	s.Faults = slices.DeleteFunc(s.Faults, func(o OpenFault) bool { return o.ID == f.ID })
	if e.Type == timeline.FaultInjected {
		s.Faults = append(s.Faults, OpenFault{f, e.T})
	}
}

func (s *State) addStory(e timeline.Event) {
	st := &s.Story
	switch e.Type {
	case timeline.ScenarioStarted:
		if d, ok := timeline.Payload[timeline.ScenarioInfo](e); ok {
			s.Name, st.Title, st.Steps = d.Name, d.Title, d.Steps
		}
	case timeline.ScenarioStep:
		if d, ok := timeline.Payload[timeline.Step](e); ok {
			st.Step, st.Phase, st.Said, st.Waiting = d.Name, d.Phase, "", false
		}
	case timeline.ScenarioSaid:
		st.Said = e.Msg
	case timeline.ScenarioGateWaiting:
		st.Waiting = true
	case timeline.ScenarioGatePassed:
		st.Waiting = false
	case timeline.ScenarioExpectMet, timeline.ScenarioExpectFailed:
		if d, ok := timeline.Payload[timeline.Expectation](e); ok {
			st.Expectations = append(slices.Clone(st.Expectations), d)
		}
	case timeline.ScenarioEnded:
		if d, ok := timeline.Payload[timeline.Outcome](e); ok {
			st.Verdict, st.Why = d.Verdict, d.Why
		}
	}
}

// replica finds the row of name, and makes one for a name that is new.
func (s *State) replica(name string) *Replica {
	at, found := slices.BinarySearchFunc(s.Replicas, name, func(r Replica, name string) int { return compareNames(r.Name, name) })
	if !found {
		s.Replicas = slices.Insert(s.Replicas, at, Replica{Name: name, Check: "absent", Catalog: "absent"})
	}
	return &s.Replicas[at]
}

// compareNames puts greeter-2 before greeter-10, and addresses without a name last.
func compareNames(a, b string) int {
	if x, y := ordinal(a), ordinal(b); x != y {
		return x - y
	}
	return strings.Compare(a, b)
}

// ordinal is the number at the end of a replica's name, a large one without.
func ordinal(name string) int {
	at := strings.LastIndexByte(name, '-')
	n := 0
	for _, c := range name[at+1:] {
		if at < 0 || c < '0' || c > '9' || n > 1<<20 {
			return 1 << 30
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// Clone is a copy that later events do not change.
func (s *State) Clone() *State {
	c := *s
	c.Replicas = slices.Clone(s.Replicas)
	c.Agents = slices.Clone(s.Agents)
	c.Traffic.Tape = slices.Clone(s.Traffic.Tape)
	c.Traffic.History = slices.Clone(s.Traffic.History)
	c.Traffic.ByCode = maps.Clone(s.Traffic.ByCode)
	c.others = copyOthers(s.others, (*State).Clone)
	return &c
}
