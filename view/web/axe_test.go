package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"devstack/internal/browser"
	"devstack/timeline"
	"devstack/view"
)

// axeFile is axe-core as its makers publish it; NOTICE.md says from where.
const axeFile = "testdata/axe-core-4.14.1.min.js.gz"

// violation is one rule of axe-core that a page breaks, and where.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n  %.300s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
	}
	return b.String()
}

// axe is axe-core's source.
func axe(t *testing.T) string {
	t.Helper()
	file, err := os.Open(axeFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// accessible fails the test for every rule that the page breaks as it is now.
func accessible(t *testing.T, p *browser.Page, source, state string) {
	t.Helper()
	if browser.Eval[string](p, `typeof axe`) != "object" {
		browser.Eval[any](p, source+";null")
	}
	twoFrames(p)
	// Colours that are on their way from one theme to the other have the contrast of neither.
	browser.Eval[any](p, `Promise.all(document.getAnimations().map((a) => a.finished)).then(() => null)`)
	got := browser.Eval[struct {
		Violations []violation
		Passes     int
	}](p, `axe.run({ resultTypes: ['violations'] }).then((r) => ({ Violations: r.violations, Passes: r.passes.length }))`)
	for _, v := range got.Violations {
		t.Errorf("%s: %s", state, v)
	}
	if got.Passes < 10 {
		t.Errorf("%s: axe-core found only %d rules to look at", state, got.Passes)
	}
}

// Every state that a person can bring the page to is one that axe-core has nothing against.
func TestAxe(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	source := axe(t)
	for _, c := range []struct {
		name  string
		still bool
		w, h  int
		walk  func(*testing.T, *browser.Page, string)
	}{
		{"light", false, 1280, 720, fullWalk},
		{"dark and still", true, 1280, 720, fullWalk},
		{"light and narrow", false, 320, 640, shortWalk},
		{"dark and narrow", false, 640, 900, shortWalk},
		{"light cluster", false, 1280, 720, clusterWalk},
		{"dark cluster", false, 400, 900, clusterWalk},
		{"light stories", false, 1280, 720, storiesWalk},
		{"dark stories", false, 400, 900, storiesWalk},
		{"light report", false, 1280, 720, reportWalk},
		{"dark report", false, 1280, 720, reportWalk},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.In(t)
			scheme, _, _ := strings.Cut(c.name, " ")
			p.Prefer(scheme, c.still)
			p.Resize(c.w, c.h)
			c.walk(t, p, source)
		})
	}
}

// shortWalk is what a page shows of its own accord, and its help.
func shortWalk(t *testing.T, p *browser.Page, source string) { calmBrokenHelp(t, p, source) }

func calmBrokenHelp(t *testing.T, p *browser.Page, source string) (*Server, *fake) {
	s, f := serve(t)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	accessible(t, p, source, "live")

	f.Do(t.Context(), Action{Do: "inject", Kind: "kill", Target: "greeter-2"})
	p.Wait(row("2", ".process") + `.includes('exited') && document.querySelector('#open li')`)
	accessible(t, p, source, "after a kill")

	p.Press("?")
	p.Wait(`document.querySelector('#keys').open`)
	accessible(t, p, source, "help")
	return s, f
}

// fullWalk goes on from there to what somebody has to ask for.
func fullWalk(t *testing.T, p *browser.Page, source string) {
	s, f := calmBrokenHelp(t, p, source)
	p.Press("?")
	p.Wait(`!document.querySelector('#keys').open`)
	twoFrames(p) // until then a key still goes to what had the focus in the dialog
	p.Press("f")
	p.Wait(`document.body.dataset.mode === 'frozen'`)
	accessible(t, p, source, "frozen")
	p.Press("f")
	p.Wait(`document.body.dataset.mode === 'live'`)

	ask(t, p, s, f)
	p.Press("P")
	p.Wait(`document.body.classList.contains('present')`)
	p.Text(`delete document.documentElement.dataset.theme`) // present mode is light by itself; it need not be
	accessible(t, p, source, "present, and a story asks")
	p.Press("P")

	f.log.Close()
	p.Wait(`document.body.dataset.mode === 'ended'`)
	accessible(t, p, source, "ended")
}

// clusterWalk is Consul's agents with a leader, without one, and in a hall.
func clusterWalk(t *testing.T, p *browser.Page, source string) {
	s, tell := serveRecorded(t, "leader-kill", 5)
	p.Go(s.URL())
	p.Wait(`document.querySelector('#leads').textContent.includes('★')`)
	accessible(t, p, source, "a leader")
	tell(6.7)
	p.Wait(`document.querySelector('#leads').textContent.includes('NO LEADER')`)
	accessible(t, p, source, "no leader")
	p.Press("P")
	p.Wait(`document.body.classList.contains('present')`)
	accessible(t, p, source, "no leader, present")
}

// storiesWalk is the dialog that starts scenarios.
func storiesWalk(t *testing.T, p *browser.Page, source string) {
	f := &fake{log: timeline.NewLog(time.Now())}
	f.begin()
	p.Go(open(t, "127.0.0.1:0", Config{Log: f.log, Controls: f, Stories: &tales{}}).URL())
	p.Wait(`!document.querySelector('#tell').hidden`)
	p.Click("#tell")
	p.Wait(`document.querySelector('#stories').open && document.querySelector('#telling').textContent.includes('PASS')`)
	accessible(t, p, source, "stories")
}

func twoFrames(p *browser.Page) {
	browser.Eval[any](p, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))`)
}

func reportWalk(t *testing.T, p *browser.Page, source string) {
	p.Go(serveReport(t))
	accessible(t, p, source, "report")
}

// ask puts a question of a story on the page.
func ask(t *testing.T, p *browser.Page, s *Server, f *fake) {
	s.Narrate()
	f.tell(timeline.Event{Type: timeline.ScenarioStarted, Msg: "kill-node", D: timeline.ScenarioInfo{Name: "kill-node", Title: "A replica dies", Steps: []string{"kill", "look"}}})
	f.tell(timeline.Event{Type: timeline.ScenarioStep, Msg: "kill", D: timeline.Step{Name: "kill", N: 1, Of: 2, Phase: "inject"}})
	go s.Predict(t.Context(), timeline.Prediction{Ask: "who is first?", Options: []string{"gRPC", "Consul"}}) // ends with the server
	p.Wait(`document.querySelectorAll('#question button').length === 2`)
}

// serveReport is the URL of the report of the recorded run.
func serveReport(t *testing.T) string {
	t.Helper()
	file, err := os.Open("../testdata/kill-node.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	run := timeline.Run{V: timeline.SchemaVersion, ID: "run-1", Name: "kill-node", Title: "A replica dies", Verdict: timeline.Fail,
		Waterfalls: timeline.Waterfalls(events), Expectations: []timeline.Expectation{
			{Name: "it is noticed", Kind: "within", Of: "kill.t5", Bound: 1.25, Observed: 0.5, Unit: "s", Verdict: timeline.Pass},
			{Name: "it never comes", Kind: "within", Of: "kill.t7", Bound: 9, Missing: true, Unit: "s", Verdict: timeline.Fail},
		}}
	var calls []timeline.Call
	for i := range 600 {
		due := float64(i) / 50
		calls = append(calls, timeline.Call{Due: due, Sent: due, Picked: due, Done: due + 0.002, OK: i%97 != 0, Code: "OK", Replica: fmt.Sprint("greeter-", i%3+1), Attempts: 1})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := view.Report(w, run, events, calls, view.Player{}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
