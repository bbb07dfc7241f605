package resolver

import (
	"math/rand/v2"
	"time"
)

// The pacer's numbers: a burst of changes passes at once, a lasting storm at burstRate a second, and answers that
// bring nothing new ever slower.
const (
	burst       = 5
	burstRate   = 10.0
	freeRepeats = 2
	slowRepeat  = time.Second
	slowest     = 5 * time.Second
)

// pacer keeps a server that does not block from being asked in a hot loop. Every answer counts, whatever the
// reason it came at once.
type pacer struct {
	tokens  float64
	last    time.Time
	repeats int // quick answers in a row that brought nothing
}

// pause is how long to wait after an answer that came at now, blocked long, of which calm is long enough, and
// changed something or not.
func (p *pacer) pause(now time.Time, blocked, calm time.Duration, changed bool) time.Duration {
	if p.last.IsZero() {
		p.tokens = burst
	} else {
		p.tokens = min(burst, p.tokens+now.Sub(p.last).Seconds()*burstRate)
	}
	p.last = now
	switch {
	case changed:
		p.repeats = 0
	case blocked >= calm:
		p.repeats = 0
		return 0
	default:
		p.repeats++
	}
	if p.repeats > freeRepeats {
		d := time.Duration(p.repeats-freeRepeats) * slowRepeat
		return max(0, min(d, slowest)-blocked)
	}
	p.tokens--
	if p.tokens >= 0 {
		return 0
	}
	return time.Duration(-p.tokens / burstRate * float64(time.Second))
}

const (
	firstBackoff = 200 * time.Millisecond
	refusedFloor = 5 * time.Second
	afterResolve = time.Second // a balancer's request is honoured this long after the last attempt
)

// backoff is the pause after the n-th failure in a row, from 1: exponential with factor 1.6 and half of it
// jitter, so that a fleet spreads without anybody asking more than five times in the first second. Refusals
// start at 5 s, throttling at 1 s and doubles.
func backoff(n int, class Class, longest time.Duration) time.Duration {
	d, factor := firstBackoff, 1.6
	switch class {
	case ClassRefused, ClassConfig:
		d = 2 * refusedFloor
	case ClassThrottle:
		d, factor = 2*time.Second, 2
	}
	for range n - 1 {
		if d = time.Duration(float64(d) * factor); d >= longest {
			break
		}
	}
	d = min(d, longest)
	return d/2 + rand.N(d/2+1)
}

// nextIndex is the index to ask with after an answer that carried got, and whether Consul's index went back.
func nextIndex(asked, got uint64) (next uint64, reset bool) {
	switch {
	case got < asked && got > 0:
		return 0, true
	case got == 0:
		return 1, asked > 1 // a missing or zero index must not make the query non-blocking for ever
	}
	return got, false
}
