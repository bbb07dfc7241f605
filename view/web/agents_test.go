package web

import (
	"os"
	"testing"
	"time"

	"devstack/internal/browser"
	"devstack/timeline"
)

// serveRecorded is a dashboard of a recorded run as it was at that second, and what
// tells the rest of it up to another.
func serveRecorded(t *testing.T, name string, at float64) (*Server, func(until float64)) {
	t.Helper()
	file, err := os.Open("../testdata/" + name + ".ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	log := timeline.NewLog(time.Now())
	tell := func(until float64) {
		for len(events) > 0 && events[0].T <= until {
			log.Append(events[0])
			events = events[1:]
		}
	}
	tell(at)
	return open(t, "127.0.0.1:0", Config{Log: log}), tell
}

// agentCards are the texts of the cards, one a line.
const agentCards = `[...document.querySelectorAll('#agents .cards li')].map((li) => li.textContent).join('\n')`

func TestTheAgentsOfACluster(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	s, tell := serveRecorded(t, "leader-kill", 5)
	p.Go(s.URL())
	for _, c := range []struct {
		at          float64
		head, cards string
	}{
		{5, "★ consul-2 leads 4 of 4 run", "consul-client-1 client● running · sees 4 of 4 alive\nconsul-1 follower● running · sees 4 of 4 alive · index 16\n" +
			"★ consul-2 leader● running · sees 4 of 4 alive · index 16\nconsul-3 follower● running · sees 4 of 4 alive · index 16"},
		{6.7, "✕ NO LEADER 3 of 4 run", "consul-client-1 client● running · sees 3 of 4 alive\nconsul-1 candidate● running · sees 3 of 4 alive · index 16\n" +
			"consul-2 server✕ exited\nconsul-3 follower● running · sees 3 of 4 alive · index 16"},
		{7.3, "★ consul-3 leads 3 of 4 run", "consul-client-1 client● running · sees 3 of 4 alive\nconsul-1 follower● running · sees 3 of 4 alive · index 19\n" +
			"consul-2 server✕ exited\n★ consul-3 leader● running · sees 3 of 4 alive · index 19"},
	} {
		tell(c.at)
		p.Wait("[document.querySelector('#leads').textContent, document.querySelector('#up').textContent].join(' ') === `" + c.head + "`")
		if got := p.Text(agentCards); got != c.cards {
			t.Errorf("at %v s:\n%s\nwant\n%s", c.at, got, c.cards)
		}
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
}

// One agent has no card: the stage shows it.
func TestOneAgentHasNoCard(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	s, _ := serve(t)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	if browser.Eval[int](p, `document.querySelector('#agents').clientHeight`) != 0 {
		t.Error("the agents are shown")
	}
}

// A fault in Consul is told by what Consul's own parts noticed: no replica is a target.
func TestAFaultInConsulIsToldAsOne(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	log := timeline.NewLog(time.Now())
	s := open(t, "127.0.0.1:0", Config{Log: log})
	p.Go(s.URL())
	agent := []string{timeline.Agent("consul-1")}
	log.Append(timeline.Event{Type: timeline.ReplicaStarted, On: []string{timeline.Replica("greeter-1")}, D: timeline.Process{PID: 1}})
	log.Append(timeline.Event{Type: timeline.FaultInjected, On: agent, D: timeline.Fault{ID: 1, Kind: "consul-kill", Targets: []string{"consul-1"}}})
	said := func(begins, ends string) {
		t.Helper()
		p.Wait("document.querySelector('#headline').textContent.startsWith(`" + begins + "`) && document.querySelector('#headline').textContent.endsWith(`" + ends + "`)")
	}
	said("consul-kill consul-1: ", "nobody has noticed yet.")
	log.Append(timeline.Event{Type: timeline.ConsulLeaderLost, On: agent})
	said("consul-kill consul-1: Consul knows no leader since ", "No call has noticed.")
	log.Append(timeline.Event{Type: timeline.ConsulLeaderElected, On: agent, D: timeline.Leader{Name: "consul-2"}})
	said("consul-kill consul-1: a new leader after ", "No call has noticed.")
	const seen = `[...document.querySelectorAll('#fall li.seen .mark')].map((m) => m.textContent).join()`
	p.Wait(seen + " === `no leader,a leader again`")
}
