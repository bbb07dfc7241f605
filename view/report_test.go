package view

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

// reportOf is the page of a run.
func reportOf(t *testing.T, run timeline.Run, events []timeline.Event, calls []timeline.Call) string {
	t.Helper()
	var b strings.Builder
	if err := Report(&b, run, events, calls, Player{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// madeUp is a real kill-node with calls made up beside it: every 97th failed.
func madeUp(t *testing.T, n int, rate float64) (timeline.Run, []timeline.Event, []timeline.Call) {
	t.Helper()
	file, err := os.Open("testdata/kill-node.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	run := timeline.Run{
		ID: "run-1", Name: "kill-node", Title: "A replica dies", Command: "devstack scenario kill-node --seed 1",
		Started: time.Unix(0, 0), Verdict: timeline.Fail, Versions: map[string]string{"consul": "9.9.9"},
		Waterfalls: timeline.Waterfalls(events), Terms: []timeline.Term{{Name: "interval", Value: 1, Unit: "s"}},
	}
	for i := range run.Waterfalls {
		run.Waterfalls[i].Step = "kill"
	}
	run.Expectations = []timeline.Expectation{
		{Name: "it is noticed", Kind: "within", Of: "kill.t5", Formula: "interval + slack", Terms: []timeline.Term{{Name: "interval", Value: 1}},
			Bound: 1.25, Observed: 0.5, Unit: "s", Verdict: timeline.Pass},
		{Name: "it never comes", Kind: "within", Of: "kill.t7", Bound: 9, Missing: true, Unit: "s", Verdict: timeline.Fail},
		{Name: "the entry stays", Kind: "always", Of: `kill.entry == "critical"`, Verdict: timeline.Inconclusive, Why: "nobody looked"},
	}
	calls := make([]timeline.Call, n)
	for i := range calls {
		due := float64(i) / rate
		calls[i] = timeline.Call{Due: due, Sent: due, Picked: due, Done: due + 0.0005 + 0.0001*float64(i*7919%1000)/10,
			OK: i%97 != 0, Code: "OK", Replica: fmt.Sprintf("greeter-%d", i%3+1), Attempts: 1}
		if !calls[i].OK {
			calls[i].Code = "UNAVAILABLE"
			run.Totals.Failed++
		}
	}
	run.Totals.RPCs = n
	return run, events, calls
}

var drawings = regexp.MustCompile(`(?s)<svg[^>]* role="img".*?</svg>`)

func TestDrawingsAreXML(t *testing.T) {
	run, events, calls := madeUp(t, 1000, 200)
	svgs := drawings.FindAllString(reportOf(t, run, events, calls), -1)
	if len(svgs) != 4 {
		t.Fatalf("%d drawings, want lanes, share, every RPC and picks", len(svgs))
	}
	for i, s := range svgs {
		if err := wellFormed(s); err != nil {
			t.Errorf("drawing %d: %v", i+1, err)
		}
	}
}

func wellFormed(s string) error {
	dec := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestEveryFailureIsAMark(t *testing.T) {
	for _, n := range []int{97, 1000, 20000} {
		run, events, calls := madeUp(t, n, 200)
		// Failures at one moment with one latency would be thinned if they were successes.
		for i := range min(n, 50) {
			calls[i] = timeline.Call{Due: 1, Done: 1.5, Code: "UNAVAILABLE"}
		}
		failed := 0
		for _, c := range calls {
			if !c.OK {
				failed++
			}
		}
		page := reportOf(t, run, events, calls)
		_, rest, found := strings.Cut(page, `<path class="cross" d="`)
		data, _, _ := strings.Cut(rest, `"`)
		if got := strings.Count(data, "M"); !found || got != 2*failed {
			t.Errorf("%d calls, %d failed: %d strokes, want two for each", n, failed, got)
		}
	}
}

func TestEverySuccessIsADotWhileTheyAreFew(t *testing.T) {
	run, events, calls := madeUp(t, 1000, 200)
	page := reportOf(t, run, events, calls)
	dots := 0
	for _, m := range regexp.MustCompile(`<path class="dot [^"]*" d="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		dots += strings.Count(m[1], "M")
	}
	if want := run.Totals.RPCs - run.Totals.Failed; dots != want {
		t.Errorf("%d dots, want %d", dots, want)
	}
}

func TestEveryExpectationIsShown(t *testing.T) {
	run, events, calls := madeUp(t, 100, 200)
	page := html.UnescapeString(reportOf(t, run, events, calls))
	for _, want := range []string{
		"it is noticed", "interval + slack", "interval = 1.00 s", "500 ms", "≤ 1.25 s", "✓ pass",
		"it never comes", "never seen", "✕ fail",
		"the entry stays", "nobody looked", "? inconclusive", "kill.entry == \"critical\"",
		"1 of 3 expectations", "devstack scenario kill-node --seed 1", "9.9.9",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestTheBoundIsABand(t *testing.T) {
	run, events, calls := madeUp(t, 2000, 200)
	page := reportOf(t, run, events, calls)
	if !strings.Contains(page, "it never comes: within 9.00 s") { // the longest of the step
		t.Error("no band for the longest bound")
	}
	run.Waterfalls[0].Step = "another"
	if strings.Contains(reportOf(t, run, events, calls), `<rect class="bound"`) {
		t.Error("a bound of one step is drawn at another")
	}
}

const hostile = `<script>alert("x")</script>`

func TestNamesAreEscaped(t *testing.T) {
	run, _, calls := madeUp(t, 300, 200)
	run.Name, run.Title, run.Lesson, run.Why, run.Command = hostile, hostile, hostile, hostile, hostile
	run.Expectations[0].Name, run.Expectations[0].Of = hostile, "kill."+hostile
	run.Settings = map[string]string{hostile: hostile}
	run.Waterfalls = []timeline.Waterfall{{Fault: 1, Kind: hostile, Step: "kill", Targets: []string{hostile + "-1\x00"}, Injected: 0.5}}
	events := []timeline.Event{{Seq: 1, T: 0.1, Type: timeline.ReplicaListening, On: []string{"replica/" + hostile + "-1\x00"}, D: timeline.Process{PID: 1}}}
	for i := range calls {
		calls[i].Replica, calls[i].Code = hostile+"-1", hostile
	}
	page := reportOf(t, run, events, calls)
	if strings.Contains(page, "<script") {
		t.Error("a name became a script")
	}
	for i, s := range drawings.FindAllString(page, -1) {
		if err := wellFormed(s); err != nil {
			t.Errorf("drawing %d: %v", i+1, err)
		}
	}
}

func TestThePageStandsAlone(t *testing.T) {
	run, events, calls := madeUp(t, 300, 200)
	page := reportOf(t, run, events, calls)
	for _, bad := range []string{"http:", "https:", "//", "url(", "@import", " src=", " href=", "<script", "<link", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

func TestReportOfARecordCutShort(t *testing.T) {
	run, events, calls := madeUp(t, 500, 200)
	for n := 0; n < len(events); n += 13 {
		reportOf(t, run, events[:n], calls[:n])
	}
	const warning = "only 7 of the 500 RPCs"
	if !strings.Contains(reportOf(t, run, events, calls[:7]), warning) {
		t.Error("the page does not say that calls are missing")
	}
	if strings.Contains(reportOf(t, run, events, calls), "The record holds only") {
		t.Error("the page misses calls that are there")
	}
	if l := newLanes([]string{"greeter-2"}, events[:len(events)/2], 0, 99); l[0].spans[len(l[0].spans)-1].to != events[len(events)/2-1].T {
		t.Error("a lane goes on where the record ends")
	}
	run.Waterfalls, run.Expectations = nil, nil
	reportOf(t, run, nil, nil)
	page := reportOf(t, timeline.Run{}, nil, nil)
	if !strings.Contains(page, "No RPC was made.") || strings.Contains(page, "<svg") {
		t.Error("an empty run has figures, or no story")
	}
}

func TestReportIsSmall(t *testing.T) {
	run, events, calls := madeUp(t, 120*200, 200)
	page := reportOf(t, run, events, calls)
	if got := len(page); got > 1_500_000 {
		t.Errorf("%d bytes for 120 s at 200 RPC/s, want 1.5 MB at the most", got)
	} else {
		t.Logf("%d bytes", got)
	}
}

func TestEventsAreListedUpToALimit(t *testing.T) {
	run, events, _ := madeUp(t, 1, 200)
	rows, total := moments(events)
	if len(rows) != total || total == 0 {
		t.Errorf("%d of %d events of a short run", len(rows), total)
	}
	for range mostEvents {
		events = append(events, timeline.Event{Type: timeline.UserActed, Msg: "something " + hostile, Sev: timeline.Bad})
	}
	page := reportOf(t, run, events, nil)
	if got := strings.Count(page, `<td class="num">`+fmt.Sprintf("%.3f s", events[len(events)-1].T)+`</td>`); got != mostEvents-total {
		t.Errorf("%d rows of the later events, want %d", got, mostEvents-total)
	}
	if !strings.Contains(page, fmt.Sprintf("%d of %d events", mostEvents, total+mostEvents)) {
		t.Error("the page does not say that there are more")
	}
}
