package stack

import (
	"context"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// noise measures how late a timer fires in this process. A verdict about milliseconds
// is worth nothing on a machine that is late by more.
type noise struct {
	mu   sync.Mutex
	late *hdrhistogram.Histogram // microseconds
}

const noiseEvery = 10 * time.Millisecond

func (n *noise) run(ctx context.Context) {
	n.mu.Lock()
	n.late = hdrhistogram.New(1, 60_000_000, 2)
	n.mu.Unlock()
	for ctx.Err() == nil {
		due := time.Now().Add(noiseEvery)
		sleep(ctx, noiseEvery)
		n.mu.Lock()
		_ = n.late.RecordValue(min(max(time.Since(due).Microseconds(), 0), 60_000_000)) // in bounds
		n.mu.Unlock()
	}
}

func (n *noise) p99() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.late == nil {
		return 0
	}
	return time.Duration(n.late.ValueAtPercentile(99)) * time.Microsecond
}
