package main

import (
	"sync"
	"time"
)

// What rpcs.ndjson.gz takes. A call costs it about a microsecond of a processor, ten times
// what counting one costs, and 30 bytes: at tens of thousands a second that is some percent
// of a processor, taken from what is measured.
const (
	recordBurst = 20_000    // calls at once, of successes and of failures each
	recordRate  = 5_000     // more a second, of each
	recordMost  = 2_000_000 // calls in all, some 60 MB
)

// budget says which calls are recorded one by one. Failures have room of their own, so that
// a flood of successes does not hide them. It may be used from any goroutine.
type budget struct {
	mu              sync.Mutex
	good, bad       bucket
	taken, leftOver uint64
}

// bucket fills with recordRate calls a second up to recordBurst.
type bucket struct {
	spent float64 // of recordBurst
	last  time.Duration
}

// take reports whether a call that was done at now is to be recorded.
func (b *budget) take(now time.Duration, ok bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := &b.good
	if !ok {
		from = &b.bad
	}
	if b.taken >= recordMost || !from.take(now) {
		b.leftOver++
		return false
	}
	b.taken++
	return true
}

func (b *bucket) take(now time.Duration) bool {
	if d := now - b.last; d > 0 {
		b.spent, b.last = max(0, b.spent-recordRate*d.Seconds()), now
	}
	if b.spent > recordBurst-1 {
		return false
	}
	b.spent++
	return true
}

// counts are the calls that were taken and that were not.
func (b *budget) counts() (taken, leftOver uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.taken, b.leftOver
}
