package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"devstack/timeline"
)

// agentsText is the agents of s in one line each, and who leads.
func agentsText(s *State) string {
	var b strings.Builder
	for _, a := range s.Agents {
		fmt.Fprintln(&b, a.Name, a.Rank(), a.Process, fmt.Sprintf("%d/%d", a.Alive(), len(a.Members)), strings.Join(a.Missed(), ","))
	}
	fmt.Fprint(&b, s.Leaderships())
	return b.String()
}

// A recorded leader-kill: the leader dies at 5.3 s, the next one is there at 7.2 s, and the
// dead one comes back at 8.9 s as a follower.
func TestAgentsOfALeaderKill(t *testing.T) {
	for at, want := range map[float64]string{
		1:   "consul-client-1  running 0/0 \nconsul-1  running 0/0 \nconsul-2  running 0/0 \nconsul-3  running 0/0 \n[]",
		5:   "consul-client-1 client running 4/4 \nconsul-1 follower running 4/4 \nconsul-2 leader running 4/4 \nconsul-3 follower running 4/4 \n[{dc1 consul-2}]",
		5.4: "consul-client-1 client running 4/4 \nconsul-1 follower running 4/4 \nconsul-2 server exited 0/0 \nconsul-3 follower running 4/4 \n[{dc1 }]",
		6.7: "consul-client-1 client running 3/4 consul-2 failed\nconsul-1 candidate running 3/4 consul-2 failed\nconsul-2 server exited 0/0 \nconsul-3 follower running 3/4 consul-2 failed\n[{dc1 }]",
		7.3: "consul-client-1 client running 3/4 consul-2 failed\nconsul-1 follower running 3/4 consul-2 failed\nconsul-2 server exited 0/0 \nconsul-3 leader running 3/4 consul-2 failed\n[{dc1 consul-3}]",
		99:  "consul-client-1 client running 4/4 \nconsul-1 follower running 4/4 \nconsul-2 follower running 4/4 \nconsul-3 leader running 4/4 \n[{dc1 consul-3}]",
	} {
		var s State
		for _, e := range recordedAs(t, "leader-kill") {
			if e.T <= at {
				s.Add(e)
			}
		}
		if got := agentsText(&s); got != want {
			t.Errorf("at %v s:\n%s\nwant\n%s", at, got, want)
		}
	}
}

// A leader that was paused still says that it leads when it goes on; the other one does.
func TestTheLaterTermLeads(t *testing.T) {
	var s State
	report := func(name, dc, raft string, term uint64) {
		s.Add(timeline.Event{Type: timeline.ConsulStarted, On: []string{"consul/" + name}, D: timeline.Process{PID: 1}})
		s.Add(timeline.Event{Type: timeline.ConsulAgentReported, On: []string{"consul/" + name},
			D: timeline.AgentReport{Role: "server", DC: dc, Raft: raft, Term: term}})
	}
	report("a", "dc1", "Leader", 3)
	report("b", "dc1", "Leader", 4)
	report("c", "dc1", "Leader", 2)
	report("d", "dc2", "Candidate", 9)
	want := []Leadership{{"dc1", "b"}, {"dc2", ""}}
	if got := s.Leaderships(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
