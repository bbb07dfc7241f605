package view

import (
	"slices"

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
			a.Raft, a.Members = "", nil
		}
	case timeline.ConsulResumed:
		s.agent(e).Process = "running"
	case timeline.ConsulPaused:
		s.agent(e).Process = "paused"
	case timeline.ConsulExited:
		s.agent(e).Process = "exited"
	case timeline.ConsulAgentReported:
		if d, ok := timeline.Payload[timeline.AgentReport](e); ok {
			a := s.agent(e)
			a.Role, a.DC, a.Raft, a.Term, a.Index, a.Members = d.Role, d.DC, d.Raft, d.Term, d.Index, d.Members
		}
	}
}
