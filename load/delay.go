package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Delay is a distribution of how late calls began.
type Delay struct {
	Count         uint64
	P50, P99, Max time.Duration
}

type delays struct {
	mu   sync.Mutex
	hist *hdrhistogram.Histogram
}

func (d *delays) add(late time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hist == nil {
		d.hist = newHistogram()
	}
	record(d.hist, late)
}

func (d *delays) snapshot() Delay {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hist == nil {
		return Delay{}
	}
	return Delay{
		Count: uint64(d.hist.TotalCount()),
		P50:   time.Duration(d.hist.ValueAtPercentile(50)),
		P99:   time.Duration(d.hist.ValueAtPercentile(99)),
		Max:   time.Duration(d.hist.Max()),
	}
}

// newHistogram counts nanoseconds up to 100 s with three digits.
func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(longest), 3) }

const longest = 100 * time.Second

func record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(int64(min(max(d, 0), longest))) // the bounds above are the only way to fail
}
