package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"devstack/internal/browser"
	"devstack/timeline"
)

// crowd is a dashboard of a fake with so many replicas and agents.
func crowd(t *testing.T, replicas, agents int) (*Server, *fake) {
	t.Helper()
	f := &fake{log: timeline.NewLog(time.Now())}
	for i := range agents {
		on := []string{timeline.Agent(fmt.Sprint("consul-", i+1))}
		f.tell(timeline.Event{Type: timeline.ConsulStarted, On: on, Msg: "started", D: timeline.Process{PID: 10 + i}})
		raft := "Follower"
		if i == 0 {
			raft = "Leader"
		}
		f.tell(timeline.Event{Type: timeline.ConsulAgentReported, On: on, Msg: "reported", D: timeline.AgentReport{Role: "server", DC: "dc1", Raft: raft, Index: 21, Members: map[string]string{"consul-1": "alive", "consul-2": "alive"}}})
	}
	for i := range replicas {
		name := fmt.Sprint("greeter-", i+1)
		on := []string{timeline.Replica(name)}
		f.tell(timeline.Event{Type: timeline.ReplicaListening, On: on, Msg: name + " listens", D: timeline.Process{PID: 100 + i}})
		f.tell(timeline.Event{Type: timeline.SubchannelChanged, On: on, Msg: name + " READY", D: timeline.Subchannel{Replica: name, To: "READY"}})
	}
	f.tell(timeline.Event{Type: timeline.StackReady, Msg: "ready", D: timeline.Ready{Target: "consul://127.0.0.1/greeter"}})
	return open(t, "127.0.0.1:0", Config{Log: f.log, Controls: f, Kinds: map[string]string{"kill": "SIGKILL"}}), f
}

// Who knew when is on the screen as a whole, however many agents and replicas there are.
func TestTheWaterfallIsSeenBesideACluster(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	for _, agents := range []int{1, 4, 8} {
		s, f := crowd(t, 6, agents)
		f.breakOne(Action{Kind: "kill", Target: "greeter-2"})
		p.Go(s.URL())
		for _, size := range [][2]int{{1280, 720}, {1280, 900}, {1024, 768}} {
			p.Resize(size[0], size[1])
			p.Wait(`document.querySelectorAll('#fall li').length === 7`)
			twoFrames(p)
			hidden := browser.Eval[float64](p, `document.querySelector('#fall li:last-child').getBoundingClientRect().bottom - document.querySelector('#fall').getBoundingClientRect().bottom`)
			if hidden > 1 {
				t.Errorf("%d agents on %v: the waterfall has %.0f pixels too few", agents, size, hidden)
			}
			if over := browser.Eval[int](p, `document.documentElement.scrollHeight - innerHeight`); over > 0 {
				t.Errorf("%d agents on %v: the page is %d pixels too high", agents, size, over)
			}
		}
	}
	quietConsole(t, p)
}

// Faults at one moment are named one above the other, each with its target, in every picture.
func TestCaptionsOfFaultsDoNotOverlap(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	s, f := crowd(t, 3, 4)
	p.Go(s.URL())
	f.tick("123123123123", 1, 2, 3)
	f.tell(timeline.Event{Type: timeline.FaultInjected, On: []string{timeline.Agent("consul-2")}, Msg: "consul-kill consul-2", D: timeline.Fault{ID: 7, Kind: "consul-kill", Targets: []string{"consul-2"}}})
	f.breakOne(Action{Kind: "kill", Target: "greeter-2"})
	f.tell(timeline.Event{Type: timeline.FaultInjected, Msg: "a third, which has no room", D: timeline.Fault{ID: 9, Kind: "kill", Targets: []string{"greeter-3"}}})
	for _, size := range [][2]int{{1280, 900}, {1024, 768}} {
		p.Resize(size[0], size[1])
		p.Wait(`document.querySelectorAll('#open li').length === 3`)
		twoFrames(p)
		for _, art := range []string{"#charts figure:nth-child(1) svg", "#charts figure:nth-child(2) svg", "#charts figure:nth-child(3) svg", "#line svg"} {
			said := p.Text(`[...document.querySelectorAll('` + art + ` .why')].map((w) => w.textContent.replace('✕ ', '')).join(', ')`)
			if said != "consul-kill consul-2, kill greeter-2" {
				t.Errorf("%v: %s says %q", size, art, said)
			}
			over := p.Text(`(() => { const b = [...document.querySelectorAll('` + art + ` .why')].map((w) => w.getBoundingClientRect()), a = document.querySelector('` + art + `').getBoundingClientRect();
				return b.some((r, i) => r.left < a.left || r.right > a.right || b.some((q, j) => i < j && r.left < q.right && q.left < r.right && r.top + 2 < q.bottom - 2 && q.top + 2 < r.bottom - 2)) })()`)
			if over != "false" {
				t.Errorf("%v: captions of %s overlap, or leave the picture", size, art)
			}
		}
		if tips := p.Text(`[...document.querySelectorAll('#line title')].map((w) => w.textContent).join(', ')`); !strings.HasSuffix(tips, "kill greeter-3") {
			t.Errorf("%v: who points at the line reads %q", size, tips)
		}
	}
	quietConsole(t, p)
}

// Of a hundred replicas the stage shows eight, and one card to which the calls of all others fly.
func TestTheStageOfAHundred(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	p.Prefer("light", false)
	s, f := crowd(t, 100, 1)
	p.Go(s.URL())
	p.Wait(`document.querySelectorAll('#stage .replica').length === 9`)
	if last := p.Text(`[...document.querySelectorAll('#stage .others text')].map((w) => w.textContent).join(', ')`); last != "92 more, ● running, 0 %" {
		t.Errorf("the last card says %q", last)
	}
	if over := p.Text(`(() => { const b = [...document.querySelectorAll('#stage .replica')].map((r) => r.getBoundingClientRect()); return b.some((r, i) => b.some((q, j) => i < j && r.top < q.bottom && q.top < r.bottom)) })()`); over != "false" {
		t.Error("cards overlap")
	}
	p.Resize(1280, 720) // where a card has one line
	const apart = `(() => { const b = [...document.querySelectorAll('#stage .others text')].map((w) => w.getBoundingClientRect()); return b.length === 2 && b[0].right < b[1].left })()`
	p.Wait(apart)
	p.Resize(1280, 900)
	share := map[string]timeline.TickShare{}
	for i := range 100 {
		share[fmt.Sprint("greeter-", i+1)] = timeline.TickShare{OK: 1}
	}
	f.tell(timeline.Event{Type: timeline.TrafficTick, Src: "client/1", Msg: "traffic", D: timeline.Tick{Seconds: 0.25, Rate: 400, Replicas: share, Picks: strings.Repeat("+", 40)}})
	p.Wait(`document.querySelectorAll('#charts .fill').length > 0`)
	if got := p.Text(`[...document.querySelectorAll('#charts .fill')].map((m) => m.getAttribute('class')).join()`); got != "fill r1,fill r2,fill r3,fill r4,fill r5,fill r0" {
		t.Errorf("the shares have the colours %s", got)
	}
	// Where the dots are furthest to the right is where they arrive: at the height of the last card.
	const arrived = `(() => { const c = document.querySelector('canvas'), n = Math.round(c.width * 0.6), d = c.getContext('2d').getImageData(n, 0, 4, c.height).data;
		for (let y = 0; y < c.height; y++) if (d[16 * y + 3]) return y / devicePixelRatio; return 0 })()`
	p.Wait(arrived + ` > document.querySelector('#stage .others').getBoundingClientRect().top - document.querySelector('#stage').getBoundingClientRect().top - 10`)
}

// A machine that stands still is told in one line for a row of such news, and never pops up.
func TestStallsAreFoldedAndNotShouted(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	s, f := serve(t)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	for _, ms := range []float64{40, 91, 30} {
		f.tell(timeline.Event{Type: timeline.MachineStalled, Sev: timeline.Warn, Msg: fmt.Sprintf("this machine did not run devstack for %g ms", ms), D: timeline.Stall{MS: ms}})
		p.Wait(fmt.Sprintf(`document.body.dataset.seq == %d`, len(f.log.Events())))
	}
	p.Wait(`document.querySelector('#events li span').textContent === 'this machine stood still 3 times, 91 ms at the longest'`)
	if n := browser.Eval[int](p, `[...document.querySelectorAll('#events li')].filter((l) => l.textContent.includes('this machine')).length`); n != 1 {
		t.Errorf("%d lines tell of one row", n)
	}
	browser.Eval[any](p, `window.told = performance.now(), null`)
	p.Wait(`performance.now() > window.told + 500`) // longer than what is said waits for its turn
	if said := p.Text(`document.querySelector('#said').textContent`); said != "" {
		t.Errorf("it popped up: %q", said)
	}
	quietConsole(t, p)
}

func quietConsole(t *testing.T, p *browser.Page) {
	t.Helper()
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
}

// A tick without calls, as at rate 0, breaks no picture: neither one that the page is given at
// its start, nor one that comes.
func TestATickWithoutCalls(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	s, f := crowd(t, 3, 1)
	idle := timeline.Event{Type: timeline.TrafficTick, Src: "client/1", Msg: "traffic", D: timeline.Tick{Seconds: 0.25}}
	f.tell(idle)
	f.tick("123123123123", 1, 2, 3)
	p.Go(s.URL())
	p.Wait(`document.querySelectorAll('#charts .fill').length === 3`)
	f.tell(idle)
	f.breakOne(Action{Kind: "kill", Target: "greeter-2"})
	p.Wait(`document.querySelectorAll('#open li').length === 1`)
	quietConsole(t, p)
}
