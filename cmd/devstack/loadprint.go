package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"devstack/load"
	"devstack/view"
)

// formatHDR prints the percentile distribution that HdrHistogram's plotters read.
const formatHDR = "hdr"

// hdrTicks is the number of lines for each halving of the distance to 100 %, the usual one.
const hdrTicks = 5

// printLoad writes what was measured.
func printLoad(w io.Writer, format string, m measured) error {
	r := newLoadResult(m)
	switch format {
	case formatJSON:
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	case formatNDJSON:
		return json.NewEncoder(w).Encode(r)
	case formatHDR:
		fromDue, _ := m.metrics.Histograms()
		_, err := fromDue.PercentilesPrint(w, hdrTicks, 1e6) // in milliseconds
		return err
	}
	_, err := io.WriteString(w, prettyLoad(r))
	return err
}

func prettyLoad(r view.LoadResult) string {
	var b strings.Builder
	what := r.Target
	if r.Method != "" {
		what += " " + r.Method
	}
	fmt.Fprintf(&b, "%s, %s loop, %s\n", what, r.Loop, r.Pace)
	fmt.Fprintf(&b, "%s calls in %.2f s: %s ok, %s failed", grouped(r.Calls), r.Seconds, grouped(r.OK), grouped(r.Calls-r.OK))
	if r.TargetRate != nil {
		fmt.Fprintf(&b, "; %.1f RPC/s sent of %.1f wanted\n", r.Achieved, *r.TargetRate)
	} else {
		fmt.Fprintf(&b, "; %.1f RPC/s\n", r.RPS)
	}
	if r.Behind {
		fmt.Fprintf(&b, "BEHIND: %s (%d waited, %d never sent)\n", r.BehindWhy, r.Waited, r.Unsent)
	}
	b.WriteByte('\n')
	latencies(&b, r)
	counts(&b, "failed with", r.Errors, r.Calls)
	counts(&b, "answered by", r.Share, r.OK)
	if r.Run != "" {
		fmt.Fprintf(&b, "\n      %s\n", r.Run)
	}
	return b.String()
}

func latencies(w io.Writer, r view.LoadResult) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "latency in ms\tmin\tmean\tp50\tp90\tp99\tp99.9\tp99.99\tmax\t")
	for _, l := range []struct {
		name string
		q    view.Quantiles
	}{{"from due", r.Quantiles}, {"from send", r.FromSend}} {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t\n",
			l.name, l.q.Min, l.q.Mean, l.q.P50, l.q.P90, l.q.P99, l.q.P999, l.q.P9999, l.q.Max)
	}
	t.Flush()
}

// counts lists what was counted, the most first, with its part of all.
func counts(w io.Writer, title string, n map[string]uint64, all uint64) {
	if len(n) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	keys := slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		if n[a] != n[b] {
			return int(n[b]) - int(n[a])
		}
		return strings.Compare(a, b)
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range keys {
		fmt.Fprintf(t, "  %s\t%s\t%.1f %%\n", k, grouped(n[k]), 100*float64(n[k])/float64(max(all, 1)))
	}
	t.Flush()
}

// grouped is n with a comma at every third digit.
func grouped(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func short(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

// second is one line of NDJSON while the calls are made.
type second struct {
	Type   string            `json:"type"`
	T      float64           `json:"t"` // seconds since the start
	Calls  uint64            `json:"calls"`
	OK     uint64            `json:"ok"`
	Errors map[string]uint64 `json:"errors"`
	RPS    float64           `json:"rps"`
	view.Quantiles
	FromSend view.Quantiles    `json:"from_send"`
	Share    map[string]uint64 `json:"share"`
	InFlight uint64            `json:"in_flight"`
}

func printSecond(w io.Writer, at time.Duration, s load.Snapshot, st load.Stats) {
	// A reader that is gone is found out about when the result is printed.
	_ = json.NewEncoder(w).Encode(second{
		Type: "second", T: at.Seconds(), Calls: s.Count, OK: s.OK, Errors: byCode(s.Errors), RPS: s.Rate,
		Quantiles: newQuantiles(s.FromDue), FromSend: newQuantiles(s.Service), Share: s.Share, InFlight: st.InFlight,
	})
}

// drawProgress draws over the line of the second before.
func drawProgress(w io.Writer, p *loadPlan, at time.Duration, s load.Snapshot, st load.Stats) {
	of := ""
	if p.config.Duration > 0 {
		of = fmt.Sprintf("/%s", p.config.Duration)
	}
	fmt.Fprintf(w, "\r\x1b[K%s%s  %s calls  %.0f RPC/s  p50 %.1f ms  p99 %.1f ms  %d failed in this second",
		at.Round(time.Second), of, grouped(st.Done), s.Rate, millis(s.FromDue.P50), millis(s.FromDue.P99), s.Count-s.OK)
}

// clearLine wipes the progress line.
func clearLine(w io.Writer) { io.WriteString(w, "\r\x1b[K") }
