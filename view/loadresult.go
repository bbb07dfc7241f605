package view

import "devstack/timeline"

// LoadResult is what came of a load: what devstack load --format json prints, and "load"
// of its run.json. Times are in milliseconds where the name says so.
type LoadResult struct {
	Type    string  `json:"type"` // load; the lines before it in NDJSON are of type second
	V       int     `json:"v"`
	Target  string  `json:"target"` // without secrets
	Method  string  `json:"method,omitempty"`
	Loop    string  `json:"loop"` // open or closed
	Pace    string  `json:"pace"`
	Seconds float64 `json:"seconds"` // from the start to the end of the last call

	Calls  uint64            `json:"calls"` // that have ended
	OK     uint64            `json:"ok"`
	Errors map[string]uint64 `json:"errors"` // calls by code, such as UNAVAILABLE
	RPS    float64           `json:"rps"`    // calls / seconds, failed ones too

	TargetRate *float64 `json:"target_rate"` // calls per second that were due; null in a closed loop
	Achieved   float64  `json:"achieved"`    // calls per second that were sent
	Behind     bool     `json:"behind"`      // calls were sent later than they were due; why is in BehindWhy
	BehindWhy  string   `json:"behind_why,omitempty"`
	Waited     uint64   `json:"waited"` // calls that were due while --concurrency calls were in flight
	Unsent     uint64   `json:"unsent"` // calls that were due and never sent
	DelayP99   float64  `json:"delay_p99_ms"`
	DelayMax   float64  `json:"delay_max_ms"` // how late calls began for no other reason than this machine

	Quantiles                   // from when a call was due; of failed calls too
	FromSend  Quantiles         `json:"from_send"`
	Share     map[string]uint64 `json:"share"` // answers by backend

	Interrupted bool   `json:"interrupted,omitempty"`
	Run         string `json:"run,omitempty"` // folder of the record
}

// Quantiles are a distribution in milliseconds.
type Quantiles struct {
	Min   float64 `json:"min_ms"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P75   float64 `json:"p75_ms"`
	P90   float64 `json:"p90_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	P9999 float64 `json:"p9999_ms"`
	Max   float64 `json:"max_ms"`
}

// LoadRun is run.json of a load: that of any run, and the result.
type LoadRun struct {
	timeline.Run
	Load *LoadResult `json:"load"` // nil in the run.json of anything else
}

// LoadSeries is load.json: how a load went over time and how its latency is distributed.
// Every call that ended is in it, also those for which rpcs.ndjson.gz had no room.
type LoadSeries struct {
	V        int         `json:"v"`
	Bins     []LoadBin   `json:"bins"`
	Curve    []LoadPoint `json:"curve"`    // percentiles, rising
	Recorded uint64      `json:"recorded"` // calls in rpcs.ndjson.gz
	Dropped  uint64      `json:"dropped"`  // calls that are not
}

// LoadBin is a stretch of a load, in seconds from its start. A call belongs to the stretch
// in which it was due; only Sent counts by when calls were sent.
type LoadBin struct {
	From     float64           `json:"from"`
	To       float64           `json:"to"`
	Offered  uint64            `json:"offered"` // calls that were due, sent or not
	Sent     uint64            `json:"sent"`
	Calls    uint64            `json:"calls"` // that have ended
	OK       uint64            `json:"ok"`
	Errors   map[string]uint64 `json:"errors,omitempty"` // by code
	Share    map[string]uint64 `json:"share,omitempty"`  // answers by backend
	FromDue  Spread            `json:"from_due"`
	FromSend Spread            `json:"from_send"`
}

// Spread is a latency in short, in milliseconds; all 0 without calls.
type Spread struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// LoadPoint is the latency that Percentile of the calls stayed within, in milliseconds.
type LoadPoint struct {
	Percentile float64 `json:"percentile"`
	FromDue    float64 `json:"from_due_ms"`
	FromSend   float64 `json:"from_send_ms"`
}
