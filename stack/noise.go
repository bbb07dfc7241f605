package stack

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"devstack/timeline"
)

// noise measures how late a timer fires in this process. A verdict about milliseconds
// is worth nothing on a machine that is late by more.
type noise struct {
	log *timeline.Log

	mu   sync.Mutex
	late *hdrhistogram.Histogram // microseconds
}

const noiseEvery = 10 * time.Millisecond

// stallFrom is how late a timer must be to be worth an event.
const stallFrom = 25 * time.Millisecond

func (n *noise) run(ctx context.Context) {
	n.mu.Lock()
	n.late = hdrhistogram.New(1, 60_000_000, 2)
	n.mu.Unlock()
	for ctx.Err() == nil {
		due := time.Now().Add(noiseEvery)
		sleep(ctx, noiseEvery)
		late := max(time.Since(due), 0)
		n.mu.Lock()
		_ = n.late.RecordValue(min(late.Microseconds(), 60_000_000)) // in bounds
		n.mu.Unlock()
		if late >= stallFrom && ctx.Err() == nil {
			n.log.Append(timeline.Event{
				Type: timeline.MachineStalled, Src: "devstack", Sev: timeline.Warn,
				Msg: fmt.Sprintf("this machine did not run devstack for %d ms", late.Milliseconds()),
				D:   timeline.Stall{MS: float64(late.Microseconds()) / 1000},
			})
		}
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
