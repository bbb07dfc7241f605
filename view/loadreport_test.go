package view

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

// knownLoad is a load of two seconds of which every number is known: in the second one the
// server paused, calls waited, some failed and one backend was gone.
func knownLoad() (LoadRun, LoadSeries) {
	rate := 100.0
	result := &LoadResult{
		Type: "load", V: 1, Target: "consul:///greeter", Loop: "open", Pace: "100 RPC/s", Seconds: 2,
		Calls: 200, OK: 188, Errors: map[string]uint64{"DEADLINE_EXCEEDED": 10, "UNAVAILABLE": 2}, RPS: 100,
		TargetRate: &rate, Achieved: 80.25, Behind: true, BehindWhy: "40 calls had to wait", Waited: 40, Unsent: 7,
		Quantiles: Quantiles{Min: 1.11, Mean: 2.22, P50: 3.33, P75: 4.44, P90: 5.55, P95: 6.66, P99: 777, P999: 888, P9999: 999, Max: 1234},
		FromSend:  Quantiles{Min: 0.11, Mean: 0.22, P50: 0.33, P75: 0.44, P90: 0.55, P95: 0.66, P99: 0.77, P999: 0.88, P9999: 0.99, Max: 9.99},
		Share:     map[string]uint64{"greeter-1": 138, "greeter-2": 50},
	}
	series := LoadSeries{V: 1, Recorded: 150, Dropped: 50, Bins: []LoadBin{
		{From: 0, To: 1, Offered: 100, Sent: 100, Calls: 100, OK: 100, Share: map[string]uint64{"greeter-1": 50, "greeter-2": 50},
			FromDue: Spread{P50: 1, P99: 10, Max: 100}, FromSend: Spread{P50: 1, P99: 1, Max: 1}},
		{From: 1, To: 2, Offered: 107, Sent: 60, Calls: 100, OK: 88, Share: map[string]uint64{"greeter-1": 88},
			Errors:  map[string]uint64{"DEADLINE_EXCEEDED": 10, "UNAVAILABLE": 2},
			FromDue: Spread{P50: 10, P99: 100, Max: 1000}, FromSend: Spread{P50: 1, P99: 2.5, Max: 7.5}},
	}}
	for _, p := range NinesAxis() {
		series.Curve = append(series.Curve, LoadPoint{Percentile: p, FromDue: math.Pow(10, nines(p)-1), FromSend: 1})
	}
	run := LoadRun{Load: result, Run: timeline.Run{ID: "run-1", Name: "load", Title: "consul:///greeter, open loop, 100 RPC/s",
		Command: "devstack load --rate=100", Started: time.Unix(0, 0), Seed: 1,
		Versions: map[string]string{"grpc": "9.9.9"}, Settings: map[string]string{"deadline": "2s"}}}
	return run, series
}

func loadPageOf(t *testing.T, run LoadRun, series LoadSeries) string {
	t.Helper()
	var b strings.Builder
	if err := LoadReport(&b, run, series); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rows are the rows of all tables of a page as their cells, joined by "|".
func rows(page string) []string {
	var list []string
	for _, tr := range regexp.MustCompile(`(?s)<tr.*?</tr>`).FindAllString(page, -1) {
		var cells []string
		for _, c := range regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`).FindAllStringSubmatch(tr, -1) {
			cells = append(cells, html.UnescapeString(c[1]))
		}
		list = append(list, strings.Join(cells, "|"))
	}
	return list
}

func TestALoadsNumbersAreInItsTables(t *testing.T) {
	run, series := knownLoad()
	page := loadPageOf(t, run, series)
	got := rows(page)
	for _, want := range []string{
		"from due|1.11 ms|2.22 ms|3.33 ms|4.44 ms|5.55 ms|6.66 ms|777 ms|888 ms|999 ms|1.23 s",
		"from send|0.11 ms|0.22 ms|0.33 ms|0.44 ms|0.55 ms|0.66 ms|0.77 ms|0.88 ms|0.99 ms|9.99 ms",
		`greeter-1|138|73.4 %|<span style="width:73.4%"></span>`,
		`greeter-2|50|26.6 %|<span style="width:26.6%"></span>`,
		`DEADLINE_EXCEEDED|10|5 %|<span style="width:5.0%"></span>`,
		`UNAVAILABLE|2|1 %|<span style="width:1.0%"></span>`,
		"0 s|100|100|100|0|1.00 ms|10 ms|100 ms|1.00 ms|1.00 ms|1.00 ms|greeter-1 50, greeter-2 50|–",
		"1 s|107|60|88|12|10 ms|100 ms|1.00 s|1.00 ms|2.50 ms|7.50 ms|greeter-1 88|DEADLINE_EXCEEDED 10, UNAVAILABLE 2",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no row %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
	text := html.UnescapeString(page)
	for _, want := range []string{
		"<dt>p99 from due</dt><dd>777 ms</dd>", "<dt>slowest</dt><dd>1.23 s</dd>", "<dt>sent</dt><dd>80.25 of 100 RPC/s</dd>", "<dt>failed</dt><dd>12 of 200</dd>",
		"<strong>behind</strong>", "200 calls in 2.0 s, 12 failed (6 %).", "Calls waited to be sent: 99 % took 0.77 ms or less",
		"40 calls had to wait (40 calls waited, 7 were never sent)", "rpcs.ndjson.gz has 150 of the 200 calls", "devstack load --rate=100", "9.9.9",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// pathsOf are the data of the paths of a class in the drawing with that title.
func pathsOf(t *testing.T, page, title, class string) []string {
	t.Helper()
	for _, svg := range drawings.FindAllString(page, -1) {
		if !strings.Contains(svg, "<title>"+title+"</title>") {
			continue
		}
		var list []string
		for _, m := range regexp.MustCompile(`<path class="`+class+`" d="([^"]*)"`).FindAllStringSubmatch(svg, -1) {
			list = append(list, m[1])
		}
		return list
	}
	t.Fatalf("no drawing %q", title)
	return nil
}

func TestALoadsLinesAreWhereItsNumbersAre(t *testing.T) {
	run, series := knownLoad()
	page := loadPageOf(t, run, series)
	// One scale for both clocks, 1 ms to 1 s in 160 pixels: the upper panel ends at 186, the lower at 392.
	from, mid, to := coord(plotLeft), coord((plotLeft+loadRight)/2), coord(loadRight)
	stairs := func(y1, y2 float64) string {
		return fmt.Sprintf("M%s %sH%sL%s %sH%s", from, coord(y1), mid, mid, coord(y2), to)
	}
	const decade = 160.0 / 3
	for class, want := range map[string][]string{
		"curve thick r1":   {stairs(186, 186-decade), stairs(392, 392)},
		"curve r2":         {stairs(186-decade, 186-2*decade), stairs(392, 392-decade*math.Log10(2.5))},
		"curve thin faint": {stairs(186-2*decade, 26), stairs(392, 392-decade*math.Log10(7.5))},
	} {
		if got := pathsOf(t, page, "Latency over time", class); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", class, got, want)
		}
	}
	// The axis goes to the tick above 107, which is 150, in 170 pixels from 186 up.
	rate := func(v float64) float64 { return 186 - 170*v/150 }
	if got, want := pathsOf(t, page, "Rate over time", "curve r1"), []string{stairs(rate(100), rate(60))}; !slices.Equal(got, want) {
		t.Errorf("sent: %q, want %q", got, want)
	}
	if got, want := pathsOf(t, page, "Rate over time", "curve dashed plain"), []string{stairs(rate(100), rate(107))}; !slices.Equal(got, want) {
		t.Errorf("due: %q, want %q", got, want)
	}
}

// TestTheDistributionIsOnAnAxisOfNines has a latency that grows tenfold with each nine, so it is straight.
func TestTheDistributionIsOnAnAxisOfNines(t *testing.T) {
	run, series := knownLoad()
	data := pathsOf(t, loadPageOf(t, run, series), "Latency distribution", "curve r1")
	if len(data) != 1 {
		t.Fatalf("%d lines", len(data))
	}
	points := strings.Split(strings.TrimPrefix(data[0], "M"), "L")
	if len(points) != 81 {
		t.Fatalf("%d points, want 81", len(points))
	}
	for i, p := range points {
		x, y, _ := strings.Cut(p, " ")
		along := float64(i) / 80
		for _, c := range []struct {
			got  string
			want float64
		}{{x, plotLeft + along*(loadRight-plotLeft)}, {y, 286 - along*270}} {
			if got, err := strconv.ParseFloat(c.got, 64); err != nil || math.Abs(got-c.want) > 0.06 {
				t.Errorf("point %d: %s, want %.1f", i, p, c.want)
			}
		}
	}
	axis := NinesAxis()
	for i, want := range map[int]float64{0: 0, 20: 90, 40: 99, 60: 99.9, 80: 99.99} {
		if math.Abs(axis[i]-want) > 1e-9 {
			t.Errorf("percentile %d is %v, want %v", i, axis[i], want)
		}
	}
}

// TestAClosedLoopHasOneClock: due and sent are one moment in it, so the same twice would only
// look like a finding.
func TestAClosedLoopHasOneClock(t *testing.T) {
	run, series := knownLoad()
	run.Load.TargetRate, run.Load.Loop, run.Load.Behind = nil, "closed", false
	page := loadPageOf(t, run, series)
	if got := pathsOf(t, page, "Latency over time", "curve r2"); len(got) != 1 {
		t.Errorf("%d panels of latency, want 1", len(got))
	}
	if got := len(pathsOf(t, page, "Latency distribution", "curve r1")) + len(pathsOf(t, page, "Rate over time", "curve dashed plain")); got != 0 {
		t.Errorf("%d lines of calls that were due", got)
	}
	if !strings.Contains(page, closedNote) || !strings.Contains(page, "<dt>p99</dt><dd>777 ms</dd>") {
		t.Error("the page does not say what a closed loop cannot see")
	}
}

func TestALoadsSharesAndFailuresAddUp(t *testing.T) {
	run, series := knownLoad()
	page := loadPageOf(t, run, series)
	height := func(class, tip string) float64 {
		m := regexp.MustCompile(`<rect class="part ` + class + `"[^>]* height="([^"]*)"><title>` + regexp.QuoteMeta(tip) + `</title>`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no part %q of %q", class, tip)
		}
		v, _ := strconv.ParseFloat(m[1], 64)
		return v
	}
	for _, c := range []struct {
		class, tip string
		want       float64
	}{
		{"r1", "0 s: greeter-1, 50 of 100", 71}, {"r2", "0 s: greeter-2, 50 of 100", 71},
		{"r1", "1 s: greeter-1, 88 of 100", 125}, {"failed", "1 s: failed, 12 of 100", 17},
		{"failed", "1 s: DEADLINE_EXCEEDED, 10", 36}, {"failed", "1 s: UNAVAILABLE, 2", 36}, // the most of its row
	} {
		if got := height(c.class, c.tip); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%s: %v high, want %v", c.tip, got, c.want)
		}
	}
}

func TestBackendsWithoutNumbersAreToldApart(t *testing.T) {
	ids := identities(map[string]uint64{"127.0.0.1:4001": 1, "127.0.0.1:4007": 1, "solo": 1})
	var classes []string
	for _, id := range ids {
		classes = append(classes, id.name+" "+id.class+" "+id.glyph)
	}
	if got, want := strings.Join(classes, ", "), "127.0.0.1:4001 r1 1, 127.0.0.1:4007 r2 2, solo r3 3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if ids := identities(map[string]uint64{"greeter-2": 1, "greeter-4": 1}); ids[0].class != "r2" || ids[1].class != "r4" {
		t.Errorf("%+v: replicas lost the colours that they have elsewhere", ids)
	}
}

func TestSummaryOfALoad(t *testing.T) {
	run, series := knownLoad()
	const want = `## Load of consul:///greeter

**200 calls in 2.0 s, 12 failed (6 %).** Open loop, 100 RPC/s.

From when it was due, half of the calls took 3.33 ms or less and 99 % took 777 ms or less; the slowest took 1.23 s.
Calls waited to be sent: 99 % took 0.77 ms or less from when they were sent, which hides the wait.
The schedule was not kept: 40 calls had to wait (40 calls waited, 7 were never sent).

| latency | min | mean | p50 | p75 | p90 | p95 | p99 | p99.9 | p99.99 | max |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| from due | 1.11 ms | 2.22 ms | 3.33 ms | 4.44 ms | 5.55 ms | 6.66 ms | 777 ms | 888 ms | 999 ms | 1.23 s |
| from send | 0.11 ms | 0.22 ms | 0.33 ms | 0.44 ms | 0.55 ms | 0.66 ms | 0.77 ms | 0.88 ms | 0.99 ms | 9.99 ms |

| answered by | calls | share |
| --- | ---: | ---: |
| greeter-1 | 138 | 73.4 % |
| greeter-2 | 50 | 26.6 % |

| failed with | calls | share |
| --- | ---: | ---: |
| DEADLINE_EXCEEDED | 10 | 5 % |
| UNAVAILABLE | 2 | 1 % |

rpcs.ndjson.gz has 150 of the 200 calls: recording each would have slowed the load. Every other figure counts all of them.

Again: ` + "`devstack load --rate=100`\n"
	if got := LoadSummary(run, series); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheLoadsPageStandsAlone(t *testing.T) {
	run, series := knownLoad()
	run.Load.Target, run.Title, run.Command = "127.0.0.1:80", "t", "c"
	run.Load.Share = map[string]uint64{hostile: 1}
	series.Bins[0].Share = map[string]uint64{hostile: 100}
	series.Bins[1].Errors = map[string]uint64{hostile: 12}
	run.Load.Errors = series.Bins[1].Errors
	page := loadPageOf(t, run, series)
	for _, bad := range []string{"http:", "https:", "//", "url(", "@import", " src=", " href=", "<script", "<link", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	svgs := drawings.FindAllString(page, -1)
	if len(svgs) != 5 {
		t.Errorf("%d drawings, want latency, rate, failures, share and distribution", len(svgs))
	}
	for i, s := range svgs {
		if err := wellFormed(s); err != nil {
			t.Errorf("drawing %d: %v", i+1, err)
		}
		if strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("drawing %d has a number that is none", i+1)
		}
	}
}

func TestALoadOfNothing(t *testing.T) {
	run, _ := knownLoad()
	run.Load = &LoadResult{Loop: "closed"}
	page := loadPageOf(t, run, LoadSeries{Bins: []LoadBin{{From: 0, To: 1}}})
	if strings.Contains(page, `role="img"`) || !strings.Contains(page, "No call was made.") {
		t.Error("a load without a call has figures, or no story")
	}
}
