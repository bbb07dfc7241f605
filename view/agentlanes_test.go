package view

import (
	"slices"
	"testing"

	"devstack/timeline"
)

// TestLanesOfAKilledLeader: the process, Raft and gossip each say their own, and above them
// stands who leads, with a gap while nobody does.
func TestLanesOfAKilledLeader(t *testing.T) {
	seq := uint64(0)
	var events []timeline.Event
	add := func(at float64, kind timeline.Type, agent string, d any) {
		seq++
		events = append(events, timeline.Event{Seq: seq, T: at, Type: kind, On: []string{timeline.Agent(agent)}, D: d})
	}
	members := func(two string) map[string]string {
		return map[string]string{"consul-client-1": "alive", "consul-1": "alive", "consul-2": two}
	}
	report := func(at float64, agent, role, raft, two string) {
		add(at, timeline.ConsulAgentReported, agent, timeline.AgentReport{Role: role, DC: "dc1", Raft: raft, Members: members(two)})
	}
	for _, name := range []string{"consul-client-1", "consul-1", "consul-2"} {
		add(0, timeline.ConsulStarted, name, timeline.Process{PID: 1})
	}
	report(1, "consul-2", "server", "Leader", "alive")
	report(1, "consul-1", "server", "Follower", "alive")
	report(1, "consul-client-1", "client", "", "alive")
	add(2, timeline.ConsulExited, "consul-2", timeline.Exit{})
	report(3, "consul-client-1", "client", "", "failed")
	report(4, "consul-1", "server", "Leader", "failed")
	add(5, timeline.ConsulStarted, "consul-2", timeline.Process{PID: 2})
	report(6, "consul-2", "server", "Follower", "alive")
	report(6, "consul-client-1", "client", "", "alive")
	add(7, timeline.RunEnded, "consul-2", nil)

	want := map[string][]span{
		"leader of dc1": {{from: 1, to: 2, word: "consul-2"}, {from: 2, to: 4, word: "no leader"}, {from: 4, to: 7, word: "consul-1"}},
		"process":       {{from: 1, to: 2, word: "running"}, {from: 2, to: 5, word: "exited"}, {from: 5, to: 7, word: "running"}},
		"raft":          {{from: 1, to: 2, word: "leader"}, {from: 2, to: 5, word: "none"}, {from: 5, to: 6, word: "server"}, {from: 6, to: 7, word: "follower"}},
		"gossip":        {{from: 1, to: 3, word: "alive"}, {from: 3, to: 6, word: "failed"}, {from: 6, to: 7, word: "alive"}},
	}
	lanes := newLanes([]string{"consul-2"}, events, 1, 9)
	if len(lanes) != len(want) {
		t.Errorf("%d lanes, want %d", len(lanes), len(want))
	}
	for _, l := range lanes {
		for i := range l.spans {
			l.spans[i].tone = ""
		}
		if !slices.Equal(l.spans, want[l.layer]) {
			t.Errorf("%s, %s: %v, want %v", l.subject, l.layer, l.spans, want[l.layer])
		}
	}
	if heads(lanes) != 2 {
		t.Errorf("%d subjects, want Consul and consul-2", heads(lanes))
	}
}
