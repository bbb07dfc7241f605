package scenarios

import "devstack/timeline"

// leaderless is for how many seconds of w the home agent knew no Consul leader.
func (r Record) leaderless(w window) float64 {
	var sum float64
	lost := -1.0 // since when
	for _, e := range r.Events {
		switch {
		case e.T >= w.to:
		case e.Type == timeline.ConsulLeaderLost && lost < 0:
			lost = max(e.T, w.from)
		case e.Type == timeline.ConsulLeaderElected && lost >= 0:
			sum += max(e.T-max(lost, w.from), 0)
			lost = -1
		}
	}
	if lost >= 0 {
		sum += max(w.to-lost, 0)
	}
	return sum
}

// silence is the longest time, in whole seconds, that a server in w had not heard from a leader.
func (r Record) silence(w window) int {
	longest := 0
	for _, e := range r.Events {
		if d, ok := timeline.Payload[timeline.AgentReport](e); ok && w.has(e.T) {
			longest = max(longest, d.Silent)
		}
	}
	return longest
}
