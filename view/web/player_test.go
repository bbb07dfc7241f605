package web

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"devstack/internal/browser"
	"devstack/timeline"
	"devstack/view"
)

// recordedRun is a real run of kill-node.
func recordedRun(t *testing.T) []timeline.Event {
	t.Helper()
	f, err := os.Open("../testdata/kill-node.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, err := timeline.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestThePlayersPicturesAreTheFold(t *testing.T) {
	events := recordedRun(t)
	r := record(events)
	last := r.Frames[len(r.Frames)-1]
	var upTo []timeline.Event
	for _, e := range events {
		if e.Seq <= last.State.Seq {
			upTo = append(upTo, e)
		}
	}
	if want := frameOf("recording", last.Now, view.Fold(upTo)); !reflect.DeepEqual(asJSON(t, last), asJSON(t, want)) {
		t.Error("the last picture is not the state of its moment")
	}
	for i, f := range r.Frames[1:] {
		if f.Now < r.Frames[i].Now || f.State.Seq <= r.Frames[i].State.Seq {
			t.Fatalf("picture %d is not after the one before", i+1)
		}
	}
	dead := 0
	for _, f := range r.Frames { // each is of its own moment: a shared state would say the same in all
		for _, row := range f.State.Replicas {
			if row.Process == "exited" {
				dead++
			}
		}
	}
	if dead == 0 || dead == len(r.Frames) {
		t.Errorf("a replica is dead in %d of %d pictures", dead, len(r.Frames))
	}
}

func asJSON(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABundleRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, text := range []string{"import x from './dom.js';\n", "export default 1;\n", "export class X {}\n"} {
		if _, err := module(text); err == nil {
			t.Errorf("%q was bundled", text)
		}
	}
}

// The report is opened as its readers do, from a file, and the run inside it is played.
func TestTheReportPlaysTheRun(t *testing.T) {
	events := recordedRun(t)
	player, err := Player(events)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := view.Report(&page, timeline.Run{ID: "x", Name: "kill-node", Verdict: timeline.Pass}, events, nil, player); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, 1280, 900)
	p.Go((&url.URL{Scheme: "file", Path: file}).String())
	p.Click("details.player summary")
	in := `document.querySelector('iframe').contentDocument`
	p.Wait(in + `?.querySelector('#play')?.textContent === '▶ Play'`)
	victim := in + `.querySelector('#row-greeter-2 .process').textContent`
	p.Text(`(` + in + `.querySelector('#player button:last-child').click(), 'before the kill')`)
	p.Wait(victim + `.includes('running')`)
	p.Text(`(` + in + `.querySelector('#play').click(), 'play')`)
	p.Wait(victim + `.includes('exited')`)
	p.Wait(in + `.querySelector('#moment').textContent.split(' of ').every((t, _, all) => t === all[0])`)
	p.Wait(victim + `.includes('running')`)
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
	if s := p.Strays("file://"); len(s) > 0 {
		t.Errorf("requests elsewhere: %q", s)
	}
	if shot := os.Getenv("PLAYER_SHOT"); shot != "" {
		p.Shot(shot)
	}
}
