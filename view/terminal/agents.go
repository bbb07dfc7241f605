package terminal

import (
	"fmt"
	"strings"

	"devstack/view"
)

// next is the panel after p; that of the agents is one only for a cluster.
func (p Panel) next(cluster bool) Panel {
	n := (p + 1) % panels
	if n == AgentsPanel && !cluster {
		n++
	}
	return n
}

// leaders is Consul as several agents, from column x: who leads, loudly when nobody does,
// and how many of the agents run.
func (p *painter) leaders(b box, x int) int {
	x = b.put(x, 0, dim, "Consul ")
	leads := p.s.Leaderships()
	for i, l := range leads {
		if i > 0 {
			x = b.put(x, 0, dim, ", ")
		}
		if l.Agent == "" {
			x = b.put(x, 0, alarm, " ✕ NO LEADER ")
		} else {
			x = b.put(x, 0, bold, "★ "+l.Agent)
		}
		if len(leads) > 1 {
			x = b.put(x, 0, dim, " "+l.DC)
		}
	}
	up, index := 0, uint64(0)
	for _, a := range p.s.Agents {
		index = max(index, a.Index)
		if a.Process == "running" {
			up++
		}
	}
	how := dim
	if up < len(p.s.Agents) {
		how = warn
	}
	x = b.put(x, 0, how, fmt.Sprintf(" · %d of %d run", up, len(p.s.Agents)))
	if c := p.s.Consul; c.Process == "running" && !c.Answers {
		x = b.put(x, 0, warn, " · ▲ "+p.s.Agents[0].Name+" does not answer")
	} else if len(leads) == 1 {
		x = b.put(x, 0, dim, fmt.Sprintf(" · index %d", index))
	}
	return x
}

// agentRows is how many of n rows the agents take: all of them have a place, or none.
func (p *painter) agentRows(n int) int {
	if !p.s.Cluster() {
		return 0
	}
	for _, across := range []int{1, 2} {
		rows := (len(p.s.Agents) + across - 1) / across
		if rows <= n && (across == 1 || p.body.w/across >= agentWide) {
			return rows
		}
	}
	return 0
}

// agentWide is what an agent needs for all but Raft's part and whom it misses.
const agentWide = 52

// agents puts the agents into b, in as many columns as they need for that; selected has a
// mark, when it is not "".
func (p *painter) agents(b box, selected string) {
	if b.h == 0 {
		return
	}
	across := (len(p.s.Agents) + b.h - 1) / b.h
	leads := map[string]bool{}
	dcs := p.s.Leaderships()
	for _, l := range dcs {
		leads[l.Agent] = true
	}
	wide := b.w / across
	for i, a := range p.s.Agents {
		row := b.inner(i%across*wide, i/across, wide, 1)
		if selected != "" {
			if a.Name == selected {
				row.put(0, 0, bold, "▸")
			}
			row = row.inner(2, 0, wide-2, 1)
		}
		drawAgent(row, a, leads[a.Name], len(dcs) > 1)
	}
}

// drawAgent is one agent: its name, its part, its process, the members that it sees by
// gossip, and Raft's part. What has no room is left out, the last first.
func drawAgent(b box, a view.Agent, leads, several bool) {
	mark, how := " ", plain
	if leads {
		mark, how = "★", bold
	}
	b.put(0, 0, how, mark)
	b.fit(2, 0, 15, how, a.Name)
	b.fit(18, 0, 9, how, a.Rank())
	drawProcess(b.inner(28, 0, 10, 1), a.Process, func(word string) string { return word })
	if a.Process != "running" || len(a.Members) == 0 {
		return
	}
	sees := plain
	if a.Alive() < len(a.Members) {
		sees = warn
	}
	b.put(38, 0, sees, fmt.Sprintf("sees %d/%d alive", a.Alive(), len(a.Members)))
	if b.w < 76 {
		return
	}
	if a.Raft != "" {
		b.put(54, 0, dim, fmt.Sprintf("index %d", a.Index))
		b.put(66, 0, dim, fmt.Sprintf("term %d", a.Term))
	}
	x := 76
	if several {
		x = b.put(x, 0, dim, a.DC) + 1
	}
	b.fit(x, 0, b.w-x, warn, strings.Join(a.Missed(), ", "))
}
