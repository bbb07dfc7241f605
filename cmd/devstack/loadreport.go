package main

import (
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/timeline"
	"devstack/view"
)

func newQuantiles(l load.Latency) view.Quantiles {
	return view.Quantiles{
		Min: millis(l.Min), Mean: millis(l.Mean), P50: millis(l.P50), P75: millis(l.P75), P90: millis(l.P90),
		P95: millis(l.P95), P99: millis(l.P99), P999: millis(l.P999), P9999: millis(l.P9999), Max: millis(l.Max),
	}
}

// millis is d in milliseconds, to the microsecond.
func millis(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }

func newLoadResult(m measured) view.LoadResult {
	p, s, st := m.plan, m.snap, m.stats
	r := view.LoadResult{
		Type: "load", V: 1, Target: shownTarget(p.target), Method: p.method, Loop: "closed", Pace: p.pace.words, Seconds: m.elapsed.Seconds(),
		Calls: s.Count, OK: s.OK, Errors: byCode(s.Errors), Achieved: s.Rate,
		Waited: st.Waited, Unsent: st.Unsent, DelayP99: millis(st.Delay.P99), DelayMax: millis(st.Delay.Max),
		Quantiles: newQuantiles(s.FromDue), FromSend: newQuantiles(s.Service), Share: s.Share,
		Interrupted: m.interrupted, Run: shownRun(m.dir),
	}
	if r.Seconds > 0 {
		r.RPS = float64(r.Calls) / r.Seconds
	}
	if p.pace.open() {
		r.Loop = "open"
		rate, _ := p.pace.offered(st.Sent + st.Unsent)
		r.TargetRate = &rate
		r.BehindWhy = behind(p, s, st)
		r.Behind = r.BehindWhy != ""
	}
	return r
}

// Limits of what counts as keeping up: the calls took this much longer to send than the
// schedule gives them, as a part of it and at least; or this late at the 99th percentile.
const (
	lateShare = 0.005
	lateAtAll = 10 * time.Millisecond
	lateP99   = 10 * time.Millisecond
)

// behind is why calls were not sent when they were due, "" when they were.
func behind(p *loadPlan, s load.Snapshot, st load.Stats) string {
	_, span := p.pace.offered(st.Sent)
	lag := s.Last - s.First - span
	late := span > 0 && lag > max(lateAtAll, time.Duration(lateShare*float64(span)))
	switch {
	case st.Waited > 0 && (late || st.Unsent > 0):
		return fmt.Sprintf("%d calls had to wait because %d were in flight: the target or this machine is too slow for this rate, or --concurrency too low", st.Waited, p.config.MaxInFlight)
	case late || st.Unsent > 0 || st.Delay.P99 > lateP99:
		return fmt.Sprintf("this machine could not keep up: calls began up to %s after they were due, p99 %s; the latencies are partly its own",
			short(st.Delay.Max), short(st.Delay.P99))
	}
	return ""
}

func byCode(errors map[codes.Code]uint64) map[string]uint64 {
	out := map[string]uint64{}
	for c, n := range errors {
		out[timeline.Code(c.String())] += n
	}
	return out
}

func shownRun(dir string) string {
	if dir == "" {
		return ""
	}
	return shown(dir)
}

func loadTotals(r view.LoadResult) timeline.Totals {
	t := timeline.Totals{RPCs: int(r.Calls), OK: int(r.OK), Failed: int(r.Calls - r.OK), ByCode: map[string]int{}}
	for c, n := range r.Errors {
		t.ByCode[c] = int(n)
	}
	return t
}
