package wire

import (
	"fmt"
	"time"
)

// Direction is which of a link's two streams is meant.
type Direction int

const (
	Up   Direction = iota // from who dialed to who listens
	Down                  // back
)

func (d Direction) String() string {
	if d == Up {
		return "up"
	}
	return "down"
}

// Fault is how one direction of a link is broken. The zero value is not at all.
type Fault struct {
	Latency   time.Duration // each byte arrives so much later, however many are on their way
	Jitter    time.Duration // and up to this much earlier or later; never out of order
	Bandwidth int64         // bytes per second; 0 is no limit
	Hold      bool          // nothing arrives, not even an end; both sides see an open connection
	CutAfter  int64         // the connection is reset when so many more bytes have arrived; 0 is never
}

func (f Fault) validate() error {
	if f.Latency < 0 || f.Jitter < 0 || f.Bandwidth < 0 || f.CutAfter < 0 {
		return fmt.Errorf("a link's fault cannot be negative: %+v", f)
	}
	return nil
}

// sum is what several faults of one direction come to.
func sum(faults []*Fault) Fault {
	var all Fault
	least := func(a, b int64) int64 {
		if a == 0 || b > 0 && b < a {
			return b
		}
		return a
	}
	for _, f := range faults {
		all.Latency += f.Latency
		all.Jitter += f.Jitter
		all.Bandwidth = least(all.Bandwidth, f.Bandwidth)
		all.CutAfter = least(all.CutAfter, f.CutAfter)
		all.Hold = all.Hold || f.Hold
	}
	return all
}

// due is when a piece that was read at t may be written; luck is in [−1, 1].
func (f Fault) due(t time.Time, luck float64) time.Time {
	return t.Add(max(0, f.Latency+time.Duration(luck*float64(f.Jitter))))
}
