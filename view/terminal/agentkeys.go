package terminal

import (
	"slices"

	"devstack/view"
)

// agentFaults are the keys' faults that Consul's agents have too, as consul-kill and so on.
var agentFaults = []string{"kill", "pause"}

// onAgents reports whether keys select and break agents: their panel has the screen.
func (m *Model) onAgents() bool { return m.opts.Zoom == AgentsPanel }

// chosen is whom the keys act on, "" when there is nobody.
func (m *Model) chosen() string {
	if m.onAgents() {
		return m.opts.Agent
	}
	return m.opts.Selected
}

// chooseAgent keeps an agent selected that exists.
func (m *Model) chooseAgent() {
	if m.agentPlace() < 0 && len(m.state.Agents) > 0 {
		m.opts.Agent = m.state.Agents[0].Name
	}
}

func (m *Model) agentPlace() int {
	return slices.IndexFunc(m.state.Agents, func(a view.Agent) bool { return a.Name == m.opts.Agent })
}

// selectAgent selects the agent at a place of the list, or the nearest.
func (m *Model) selectAgent(place int) {
	if last := len(m.state.Agents) - 1; last >= 0 {
		m.opts.Agent = m.state.Agents[min(max(0, place), last)].Name
	}
}
