package main

import (
	"maps"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/timeline"
	"devstack/view"
)

// A series begins with a bin a second. mostBins keeps its memory small however long the
// load is, as 40 kB a bin, and its figures readable.
const (
	firstBinWidth = time.Second
	mostBins      = 300
)

// series adds calls up over time. When it runs out of bins, each two become one of twice
// the width, so that no call is ever left out. The zero value is ready; its methods may be
// called from any goroutine.
type series struct {
	mu    sync.Mutex
	width time.Duration
	bins  []seriesBin
}

// seriesBin counts the calls that were due in its time; sent counts those sent in it.
type seriesBin struct {
	offered, sent, calls uint64
	codes                map[codes.Code]uint64
	share                map[string]uint64
	due, served          *hdrhistogram.Histogram
	maxDue, maxServed    time.Duration // as they were, where the histograms round
}

func (s *series) add(r load.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(r.Sent).sent++
	b := s.at(r.Due)
	if b.due == nil {
		b.due, b.served = binHistogram(), binHistogram()
		b.codes, b.share = map[codes.Code]uint64{}, map[string]uint64{}
	}
	b.calls++
	b.codes[r.Code]++
	if r.Backend != "" {
		b.share[r.Backend]++
	}
	b.maxDue, b.maxServed = max(b.maxDue, r.Latency()), max(b.maxServed, r.Service())
	count(b.due, r.Latency())
	count(b.served, r.Service())
}

// offer counts a call that was due, whatever became of it.
func (s *series) offer(due time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(due).offered++
}

// at is the bin of a moment, good until the next call of at.
func (s *series) at(t time.Duration) *seriesBin {
	if s.width == 0 {
		s.width = firstBinWidth
	}
	for t/s.width >= mostBins {
		s.halve()
	}
	n := int(max(t, 0) / s.width)
	for len(s.bins) <= n {
		s.bins = append(s.bins, seriesBin{})
	}
	return &s.bins[n]
}

// halve makes one bin of each two.
func (s *series) halve() {
	for i := 0; i < len(s.bins); i += 2 {
		b := s.bins[i]
		if i+1 < len(s.bins) {
			b.merge(s.bins[i+1])
		}
		s.bins[i/2] = b
	}
	n := (len(s.bins) + 1) / 2
	clear(s.bins[n:])
	s.bins, s.width = s.bins[:n], 2*s.width
}

func (b *seriesBin) merge(o seriesBin) {
	b.offered, b.sent = b.offered+o.offered, b.sent+o.sent
	switch {
	case o.due == nil:
		return
	case b.due == nil:
		o.offered, o.sent = b.offered, b.sent
		*b = o
		return
	}
	b.calls += o.calls
	for c, n := range o.codes {
		b.codes[c] += n
	}
	for name, n := range o.share {
		b.share[name] += n
	}
	b.maxDue, b.maxServed = max(b.maxDue, o.maxDue), max(b.maxServed, o.maxServed)
	b.due.Merge(o.due)
	b.served.Merge(o.served)
}

// binHistogram counts nanoseconds up to 100 s with two digits.
func binHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(longestLatency), 2)
}

const longestLatency = 100 * time.Second

func count(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(int64(min(max(d, 0), longestLatency))) // the bounds are the only way to fail
}

// fold is what was added, up to the end of the load. What is left over at the end is too
// little for a rate when it is less than half a bin, and goes to the one before.
func (s *series) fold(end time.Duration) []view.LoadBin {
	s.mu.Lock()
	defer s.mu.Unlock()
	if end <= 0 || len(s.bins) == 0 {
		return nil
	}
	s.at(end)
	if n := len(s.bins) - 1; n > 0 && end-time.Duration(n)*s.width < s.width/2 {
		s.bins[n-1].merge(s.bins[n])
		s.bins = s.bins[:n]
	}
	out := make([]view.LoadBin, len(s.bins))
	for i, b := range s.bins {
		from := time.Duration(i) * s.width
		out[i] = b.fold(from, from+s.width)
	}
	out[len(out)-1].To = end.Seconds()
	return out
}

func (b seriesBin) fold(from, to time.Duration) view.LoadBin {
	out := view.LoadBin{
		From: from.Seconds(), To: to.Seconds(), Offered: b.offered, Sent: b.sent, Calls: b.calls, OK: b.codes[codes.OK],
		Errors: map[string]uint64{}, Share: maps.Clone(b.share),
		FromDue: newSpread(b.due, b.maxDue), FromSend: newSpread(b.served, b.maxServed),
	}
	for c, n := range b.codes {
		if c != codes.OK {
			out.Errors[timeline.Code(c.String())] += n
		}
	}
	return out
}

func newSpread(h *hdrhistogram.Histogram, most time.Duration) view.Spread {
	if h == nil {
		return view.Spread{}
	}
	at := func(p float64) float64 { return millis(min(time.Duration(h.ValueAtPercentile(p)), most)) }
	return view.Spread{P50: at(50), P99: at(99), Max: millis(most)}
}
