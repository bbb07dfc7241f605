package main

import (
	"strings"
	"testing"

	"devstack/control"
	"devstack/internal/vterm"
	"devstack/timeline"
)

// A table of agents, one of which is gone, and under it one of replicas: no line ends in
// spaces, and what does not run says nothing.
func TestStatusOfACluster(t *testing.T) {
	var b strings.Builder
	consul := control.Consul{ConsulAddrs: timeline.ConsulAddrs{HTTP: "127.0.0.1:8501", CA: "ca.pem"}, Process: "paused", Answers: true, Leader: "127.0.0.1:1",
		Agents: []control.Agent{
			{AgentInfo: timeline.AgentInfo{Name: "consul-1", Role: "server", DC: "dc1", HTTP: "127.0.0.1:8501", PID: 7}, Process: "running", Raft: "Leader", Index: 9, Alive: 1, Members: 2},
			{AgentInfo: timeline.AgentInfo{Name: "consul-2", Role: "server", DC: "dc1", HTTP: "127.0.0.1:8502", PID: 8}, Process: "exited"},
		}}
	if err := printStatus(&b, control.Status{Consul: consul, Replicas: []control.Replica{{Name: "greeter-1", Process: "running"}}}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(b.String(), "\n") {
		if strings.TrimRight(line, " ") != line {
			t.Errorf("%q ends in spaces", line)
		}
	}
	for _, want := range []string{"consul   paused; https 127.0.0.1:8501\n", "1 of 2 alive\n", "exited    dc1   server   -        -       -\n\nREPLICA"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
}

// Lines for a person break between words when they are for a terminal.
func TestPaperOfATerminal(t *testing.T) {
	screen, err := vterm.Open(60, 10)
	if err != nil {
		t.Skip(err)
	}
	defer screen.Close()
	if _, err := paper(screen.Slave).Write([]byte("[  4.880s] said      Calls need no catalog: watch what an election stops\n")); err != nil {
		t.Fatal(err)
	}
	if err := screen.Await(patience, "two lines", func(s string) bool {
		return strings.Contains(s, "what an") && strings.Contains(s, "\n                     election stops")
	}); err != nil {
		t.Fatal(err)
	}
}
