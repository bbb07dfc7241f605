package load

import (
	"maps"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"google.golang.org/grpc/codes"
)

// Metrics adds results up. The zero value is ready; its methods may be called from any goroutine. It
// takes some 450 kB once it has seen a result.
type Metrics struct {
	mu          sync.Mutex
	count       uint64
	codes       map[codes.Code]uint64
	share       map[string]uint64
	attempts    uint64
	first, last time.Duration // earliest and latest Sent
	end         time.Duration // latest Done
	due, served *hdrhistogram.Histogram
}

// Add counts one result.
func (m *Metrics) Add(r Result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.due == nil {
		m.due, m.served = newHistogram(), newHistogram()
		m.codes, m.share = map[codes.Code]uint64{}, map[string]uint64{}
	}
	if m.count == 0 {
		m.first, m.last = r.Sent, r.Sent
	}
	m.count++
	m.codes[r.Code]++
	if r.Backend != "" {
		m.share[r.Backend]++
	}
	m.attempts += uint64(r.Attempts)
	m.first, m.last, m.end = min(m.first, r.Sent), max(m.last, r.Sent), max(m.end, r.Done)
	record(m.due, r.Latency())
	record(m.served, r.Service())
}

// Reset forgets everything but keeps the memory, for the next interval of a live view.
func (m *Metrics) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.due == nil {
		return
	}
	m.due.Reset()
	m.served.Reset()
	clear(m.codes)
	clear(m.share)
	m.count, m.attempts, m.end = 0, 0, 0
}

// Snapshot is the sum of the results up to now. Nothing in it changes later.
type Snapshot struct {
	Count    uint64
	OK       uint64
	Errors   map[codes.Code]uint64 // all but OK
	Share    map[string]uint64     // answers per backend
	Attempts uint64                // connections given to calls; more than Count after retries

	First, Last time.Duration // when the first and the last call were sent
	End         time.Duration // when the last of them was done
	// Rate is the achieved rate in calls per second: (Count − 1)/(Last − First), 0 for fewer than two calls.
	Rate float64

	FromDue Latency // Done − Due of all calls, failed ones too
	Service Latency // Done − Sent of all calls, failed ones too
}

// Latency is a distribution. Percentiles are exact to three digits; what took longer than 100 s counts as 100 s.
type Latency struct {
	Min, Mean, P50, P75, P90, P95, P99, P999, P9999, Max time.Duration
}

// Snapshot adds up what was added so far.
func (m *Metrics) Snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Snapshot{
		Count: m.count, OK: m.codes[codes.OK],
		Errors: map[codes.Code]uint64{}, Share: map[string]uint64{}, Attempts: m.attempts,
	}
	if m.count == 0 {
		return s
	}
	maps.Copy(s.Errors, m.codes)
	delete(s.Errors, codes.OK)
	maps.Copy(s.Share, m.share)
	s.First, s.Last, s.End = m.first, m.last, m.end
	if span := (m.last - m.first).Seconds(); span > 0 {
		s.Rate = float64(m.count-1) / span
	}
	s.FromDue, s.Service = latency(m.due), latency(m.served)
	return s
}

func latency(h *hdrhistogram.Histogram) Latency {
	at := func(p float64) time.Duration { return time.Duration(h.ValueAtPercentile(p)) }
	return Latency{
		Min: time.Duration(h.Min()), Mean: time.Duration(h.Mean()), Max: time.Duration(h.Max()),
		P50: at(50), P75: at(75), P90: at(90), P95: at(95), P99: at(99), P999: at(99.9), P9999: at(99.99),
	}
}

// Histograms returns copies in nanoseconds of the latencies from due and from sent, for HDR tools.
func (m *Metrics) Histograms() (fromDue, service *hdrhistogram.Histogram) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fromDue, service = newHistogram(), newHistogram()
	if m.due != nil {
		fromDue.Merge(m.due)
		service.Merge(m.served)
	}
	return fromDue, service
}
