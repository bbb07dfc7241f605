package view

import (
	"maps"
	"slices"
	"strings"

	"devstack/timeline"
)

// Agent is one Consul agent: what its process does, and what it says itself of Raft and of
// its fellows. The first of State.Agents is the one that the client talks to.
type Agent struct {
	Name    string            `json:"name"`
	Role    string            `json:"role,omitempty"` // server, client; "" until it was asked
	DC      string            `json:"dc,omitempty"`
	Addr    string            `json:"addr,omitempty"` // of its HTTP API
	PID     int               `json:"pid,omitempty"`
	Process string            `json:"process"` // running, paused, exited
	Raft    string            `json:"raft,omitempty"`
	Term    uint64            `json:"term,omitempty"`
	Index   uint64            `json:"index,omitempty"`   // Raft's, applied
	Members map[string]string `json:"members,omitempty"` // agent → alive, leaving, left, failed
}

// Leads reports whether the agent, as far as anybody knows, leads its datacenter now.
func (a Agent) Leads() bool { return a.Raft == "Leader" && a.Process == "running" }

// Alive counts the members that the agent believes to be there, itself included.
func (a Agent) Alive() int {
	n := 0
	for _, status := range a.Members {
		if status == "alive" {
			n++
		}
	}
	return n
}

// Rank is what the agent is to the others: leader, follower or candidate of Raft, client, and
// server for one that says no more; "" until it was asked.
func (a Agent) Rank() string {
	if a.Raft == "" || a.Process != "running" {
		return a.Role
	}
	return strings.ToLower(a.Raft)
}

// Missed are the members that the agent does not believe to be there, each with its status,
// in the order of their names.
func (a Agent) Missed() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(a.Members)) {
		if status := a.Members[name]; status != "alive" {
			list = append(list, name+" "+status)
		}
	}
	return list
}

// Leadership is who leads a datacenter; Agent is "" while none of its servers does.
type Leadership struct {
	DC    string `json:"dc"`
	Agent string `json:"agent"`
}

// Leaderships is who leads each datacenter of which a server was heard, in the order of the
// agents. Of two that say so, as after a leader's pause, it is the one of the later term.
func (s *State) Leaderships() []Leadership {
	var list []Leadership
	terms := map[string]uint64{}
	for _, a := range s.Agents {
		if a.Role != "server" {
			continue
		}
		at := slices.IndexFunc(list, func(l Leadership) bool { return l.DC == a.DC })
		if at < 0 {
			at = len(list)
			list = append(list, Leadership{DC: a.DC})
		}
		if a.Leads() && (list[at].Agent == "" || a.Term > terms[a.DC]) {
			list[at].Agent, terms[a.DC] = a.Name, a.Term
		}
	}
	return list
}

// Cluster reports whether Consul is more than one agent.
func (s *State) Cluster() bool { return len(s.Agents) > 1 }

// agent is the row of the agent that e is about, made for one that is new.
func (s *State) agent(e timeline.Event) *Agent {
	if len(e.On) == 0 {
		return nil
	}
	name := timeline.AgentName(e.On[0])
	if name == "" {
		return nil
	}
	at := slices.IndexFunc(s.Agents, func(a Agent) bool { return a.Name == name })
	if at < 0 {
		at = len(s.Agents)
		s.Agents = append(s.Agents, Agent{Name: name})
	}
	return &s.Agents[at]
}

// home reports whether e is about the agent that the client talks to.
func (s *State) home(e timeline.Event) bool {
	a := s.agent(e)
	return a == nil || a.Name == s.Agents[0].Name
}

func (s *State) addAgent(e timeline.Event) {
	switch e.Type {
	case timeline.ConsulStarted:
		if p, ok := timeline.Payload[timeline.Process](e); ok {
			a := s.agent(e)
			a.Process, a.Addr, a.PID = "running", p.Addr, p.PID
			a.Raft, a.Index, a.Members = "", 0, nil
		}
	case timeline.ConsulResumed:
		s.agent(e).Process = "running"
	case timeline.ConsulPaused:
		s.agent(e).Process = "paused"
	case timeline.ConsulExited:
		a := s.agent(e)
		a.Process, a.Raft, a.Index, a.Members = "exited", "", 0, nil
	case timeline.ConsulAgentReported:
		if d, ok := timeline.Payload[timeline.AgentReport](e); ok {
			a := s.agent(e)
			a.Role, a.DC, a.Raft, a.Term, a.Index, a.Members = d.Role, d.DC, d.Raft, d.Term, d.Index, d.Members
		}
	}
}
