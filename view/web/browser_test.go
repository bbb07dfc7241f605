package web

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"devstack/internal/browser"
	"devstack/timeline"
)

// js finds a row of the ladder by the number of its replica.
func row(n, cell string) string {
	return `document.querySelector('#row-greeter-` + n + ` ` + cell + `').textContent`
}

func quiet(t *testing.T, p *browser.Page, origin string) {
	t.Helper()
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
	if s := p.Strays(origin); len(s) > 0 || p.Requests() == 0 {
		t.Errorf("requests elsewhere: %q, of %d", s, p.Requests())
	}
}

// One browser is enough for all: its start is the slow part.
func TestBrowser(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	for _, c := range []struct {
		name string
		test func(*testing.T, *browser.Page)
	}{
		{"a click kills and a click heals", aClickKillsAndAClickHeals},
		{"keys do what the terminals do", keysDoWhatTheTerminalsDo},
		{"the past is one key away", thePastIsOneKeyAway},
		{"a story goes on in the browser", aStoryGoesOnInTheBrowser},
		{"a stream that is cut goes on without a gap", aStreamThatIsCutGoesOnWithoutAGap},
		{"dots fly unless somebody wants stillness", dotsFlyUnlessSomebodyWantsStillness},
		{"the page fits every screen", thePageFitsEveryScreen},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.In(t)
			p.Prefer("light", false)
			c.test(t, p)
		})
	}
}

func aClickKillsAndAClickHeals(t *testing.T, p *browser.Page) {
	s, f := serve(t)
	p.Resize(1280, 720)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	p.Wait(row("2", ".number") + ` === '33 %'`)
	p.Press("2")
	p.Wait(`document.querySelector('#kill').getAttribute('aria-label').includes('greeter-2')`)
	p.Click("#kill")
	p.Wait(row("2", ".process") + `.includes('exited')`)
	p.Wait(row("2", ".number") + ` === '0 %'`)
	p.Wait(row("2", ".belief") + `.includes('≠')`)
	p.Wait(`document.querySelectorAll('#fall li.seen').length >= 1 && document.querySelector('#fall h2').textContent.includes('kill greeter-2')`)
	p.Wait(`document.querySelectorAll('#tape i.bad').length === 2`)
	p.Wait(`document.querySelector('#open li').textContent.includes('heals in')`)
	p.Click("#open li button")
	p.Wait(row("2", ".process") + `.includes('running')`)
	p.Wait(`document.querySelector('#open').className === 'none'`)
	f.mu.Lock()
	defer f.mu.Unlock()
	if want := []string{`{"do":"inject","kind":"kill","target":"greeter-2","for":"60s"}`, `{"do":"heal","id":1}`}; !slices.Equal(f.did, want) {
		t.Errorf("did %q", f.did)
	}
	quiet(t, p, s.URL())
}

func keysDoWhatTheTerminalsDo(t *testing.T, p *browser.Page) {
	s, f := serve(t)
	p.Resize(1024, 768)
	p.Go(s.URL())
	p.Wait(row("3", ".process") + `.includes('running')`)
	for _, key := range []string{"3", "p", "s", "d", "h", ".", "+"} {
		p.Press(key)
	}
	p.Wait(`document.querySelector('#row-greeter-3').classList.contains('selected')`)
	p.Press("t")
	p.Wait(`['light', 'dark'].includes(document.documentElement.dataset.theme)`)
	p.Press("P")
	p.Wait(`document.body.classList.contains('present') && !document.querySelector('#tools').offsetParent`)
	p.Press("?")
	p.Wait(`document.querySelector('#keys').open`)
	p.Click("#keys-on")
	p.Click("#keys form button")
	p.Press("k") // keys are off now
	p.Press("?")
	p.Wait(`document.querySelector('#keys').open`)
	p.Press("?")
	p.Wait(`!document.querySelector('#keys').open`)
	f.mu.Lock()
	defer f.mu.Unlock()
	got := strings.Join(f.did, "\n")
	for _, want := range []string{`"kind":"pause","target":"greeter-3"`, `"kind":"slow","target":"greeter-3"`, `"kind":"drain"`, `"heal_all"`, `"call"`, `"rate":50`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s was not asked for; only\n%s", want, got)
		}
	}
	if strings.Contains(got, `"kill"`) {
		t.Error("a key that was off killed")
	}
	quiet(t, p, s.URL())
}

func thePastIsOneKeyAway(t *testing.T, p *browser.Page) {
	s, f := serve(t)
	p.Resize(1280, 720)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	f.Do(t.Context(), Action{Do: "inject", Kind: "kill", Target: "greeter-2"})
	p.Wait(row("2", ".process") + `.includes('exited')`)
	p.Text(`document.querySelector('#line').focus()`)
	p.Press(kb.Home)
	p.Wait(`document.body.dataset.mode === 'frozen' && document.querySelector('#line').getAttribute('aria-valuetext').startsWith('0.0 s')`)
	p.Wait(`!document.querySelector('#row-greeter-2')`) // at second 0 there was nobody
	p.Text(`document.querySelector('#line').focus()`)
	p.Press(kb.End)
	p.Wait(`document.body.dataset.mode === 'live' && ` + row("2", ".process") + `.includes('exited')`)
	p.Press("f")
	p.Wait(`document.querySelector('#mode').textContent.includes('behind')`)
	f.Do(t.Context(), Action{Do: "heal_all"})
	p.Wait(`document.querySelector('#open').className === 'none'`) // what is broken is never frozen
	if got := p.Text(row("2", ".process")); !strings.Contains(got, "exited") {
		t.Errorf("the frozen picture moved on: %s", got)
	}
	p.Press("f")
	p.Wait(row("2", ".process") + `.includes('running')`)
	quiet(t, p, s.URL())
}

func aStoryGoesOnInTheBrowser(t *testing.T, p *browser.Page) {
	s, f := serve(t)
	s.Narrate()
	p.Resize(1280, 720)
	p.Prefer("dark", true)
	p.Go(s.URL())
	f.tell(timeline.Event{Type: timeline.ScenarioStarted, Msg: "kill-node", D: timeline.ScenarioInfo{Name: "kill-node", Title: "A replica dies", Steps: []string{"kill", "look"}}})
	done := make(chan string)
	go func() {
		said, _ := s.Predict(t.Context(), timeline.Prediction{Ask: "who is first?", Options: []string{"gRPC", "Consul"}})
		s.Gate(t.Context(), "kill")
		done <- said
	}()
	p.Wait(`document.querySelectorAll('#question button').length === 2`)
	p.Click("#question button")
	p.Wait(`document.querySelector('#next')?.textContent.includes('kill')`)
	p.Press("n")
	if said := <-done; said != "gRPC" {
		t.Errorf("the story heard %q", said)
	}
	f.tell(timeline.Event{Type: timeline.ScenarioPredicted, Msg: "predicted", D: timeline.Prediction{Ask: "who is first?", Said: "gRPC", Revealed: "gRPC, in 3 ms"}})
	f.tell(timeline.Event{Type: timeline.ScenarioStep, Msg: "kill", D: timeline.Step{Name: "kill", N: 1, Of: 2, Phase: "inject"}})
	f.tell(timeline.Event{Type: timeline.ScenarioSaid, Msg: "greeter-2 dies."})
	p.Wait(`document.querySelector('#headline').textContent === 'greeter-2 dies.' && document.querySelector('#steps .here').textContent === 'kill'`)
	if aside := p.Text(`document.querySelector('#aside').textContent`); !strings.Contains(aside, "You said: gRPC") || strings.Contains(aside, "3 ms") {
		t.Errorf("before the end: %q", aside)
	}
	f.tell(timeline.Event{Type: timeline.ScenarioStep, Msg: "verify", D: timeline.Step{Name: "verify", N: 3, Of: 2, Phase: "verify"}})
	p.Wait(`document.querySelector('#aside').textContent.includes('in 3 ms')`)
	quiet(t, p, s.URL())
}

func aStreamThatIsCutGoesOnWithoutAGap(t *testing.T, p *browser.Page) {
	f := &fake{log: timeline.NewLog(time.Now())}
	f.begin()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	wire := &cutter{Listener: l}
	s := Serve(wire, Config{Log: f.log, Controls: f})
	t.Cleanup(func() { s.Close() })
	p.Resize(1280, 720)
	p.Go(s.URL())
	p.Wait(`document.body.dataset.mode === 'live' && document.body.dataset.seq > 0`)
	wire.cut()
	for range 20 {
		f.tick("123", 1, 2, 3)
	}
	f.breakOne(Action{Kind: "kill", Target: "greeter-2"})
	p.Wait(row("2", ".process") + `.includes('exited')`)
	if gaps := p.Text(`document.body.dataset.gaps`); gaps != "0" {
		t.Errorf("%s gaps", gaps)
	}
	if wire.cuts == 0 {
		t.Error("nothing was cut")
	}
	f.log.Close()
	p.Wait(`document.body.dataset.mode === 'ended'`)
}

const blank = `!new Uint32Array(document.querySelector('canvas').getContext('2d').getImageData(0, 0, 2000, 1000).data.buffer).some((p) => p)`

func dotsFlyUnlessSomebodyWantsStillness(t *testing.T, p *browser.Page) {
	s, f := serve(t)
	p.Resize(1280, 720)
	for _, still := range []bool{true, false} {
		p.Prefer("light", still)
		p.Go(s.URL())
		p.Wait(row("2", ".process") + `.includes('running')`)
		f.tick("123123", 1, 2, 3)
		if still {
			p.Wait(`document.body.dataset.seq == ` + strconv.Itoa(len(f.log.Events())))
			if p.Text(blank) != "true" {
				t.Error("dots fly")
			}
		} else {
			p.Wait(`!(` + blank + `)`)
			p.Wait(blank) // and then nothing moves
		}
	}
	p.Text(`import('/stage.js').then((m) => { window.got = m.sampled('1'.repeat(5000) + 'b-' + '2'.repeat(5000) + 'c') })`)
	p.Wait(`window.got`)
	if got := p.Text(`[got.each, got.list.filter((d) => !d.good).map((d) => d.to), got.list.length].join(' ')`); got != "167 2,0,3 63" {
		t.Errorf("10000 picks and three failures: %s", got)
	}
}

func thePageFitsEveryScreen(t *testing.T, p *browser.Page) {
	s, _ := serve(t)
	p.Resize(1280, 720)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	for _, size := range [][2]int{{1280, 720}, {1024, 768}, {1920, 1080}, {640, 900}, {320, 640}} {
		p.Resize(size[0], size[1])
		p.Wait(`document.documentElement.scrollWidth <= innerWidth`)
		if size[0] > 1000 {
			p.Wait(`document.documentElement.scrollHeight <= innerHeight`)
		}
	}
}

// cutter is a listener whose connections can be cut.
type cutter struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
	cuts  int
}

func (c *cutter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
		c.cuts++
	}
	c.conns = nil
}
