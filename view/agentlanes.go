package view

import "cmp"

// leadersOf is who leads each datacenter of a cluster now.
func leadersOf(s *State, datacenters []string) [][2]string {
	var layers [][2]string
	for _, dc := range datacenters {
		leader := "no leader"
		for _, l := range s.Leaderships() {
			if l.DC == dc {
				leader = cmp.Or(l.Agent, leader)
			}
		}
		layers = append(layers, [2]string{"leader of " + dc, leader})
	}
	return layers
}

// agentLayers is what is known of a Consul agent: for one of several what it says of Raft
// itself, and what the others say of it.
func agentLayers(s *State, name string, cluster bool) [][2]string {
	if !cluster {
		answers := map[bool]string{true: "answers", false: "silent"}[s.Consul.Answers]
		return [][2]string{{"process", orUnknown(s.Consul.Process)}, {"consul", answers}}
	}
	a, gossip := Agent{}, ""
	for _, known := range s.Agents {
		switch {
		case known.Name == name:
			a = known
		case gossip == "" && known.Process == "running":
			gossip = known.Members[name]
		}
	}
	raft := "none" // of a process that is gone, or sleeps, there is only what it once said
	if a.Process == "running" {
		raft = cmp.Or(a.Rank(), raft)
	}
	return [][2]string{{"process", orUnknown(a.Process)}, {"raft", raft}, {"gossip", orUnknown(gossip)}}
}
