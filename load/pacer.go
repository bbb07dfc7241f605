package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Pacer is the schedule of an open loop.
type Pacer interface {
	// When returns how long after the start call n is due, n = 0, 1, 2, …; ok is false when there is no
	// such call. An Attack asks from one goroutine, in order, and may ask for the same n again.
	When(n uint64) (due time.Duration, ok bool)
}

// Live is a Pacer whose schedule may change while it runs. An Attack calls Begin once, and asks When
// again whenever the channel that Changed returned before is closed.
type Live interface {
	Pacer
	Begin(start time.Time)
	Changed() <-chan struct{}
}

// Never is due when a call has to wait until a Live pacer changes.
const Never = time.Duration(math.MaxInt64)

// Constant is rate calls per second, evenly spaced: call n is due at n/rate seconds.
func Constant(rate float64) Pacer { return constant(rate) }

type constant float64

func (r constant) When(n uint64) (time.Duration, bool) {
	return seconds(float64(n) / float64(r)), true
}

func (r constant) validate() error { return validRate(float64(r), false) }

// Ramp goes from one rate to another in a straight line and then stays there. Rates are calls per second.
//
// With the slope a = (to − from)/over, N(t) = from·t + a·t²/2 calls are due by t, so call n is due at
// t = 2n / (from + √(from² + 2·a·n)), the form of the solution that does not cancel for small slopes.
func Ramp(from, to float64, over time.Duration) Pacer { return ramp{from, to, over} }

type ramp struct {
	from, to float64
	over     time.Duration
}

func (r ramp) When(n uint64) (time.Duration, bool) {
	calls, over := float64(n), r.over.Seconds()
	if during := (r.from + r.to) / 2 * over; calls >= during {
		return seconds(over + (calls-during)/r.to), r.to > 0
	}
	if calls == 0 {
		return 0, true
	}
	slope := (r.to - r.from) / over
	return seconds(2 * calls / (r.from + math.Sqrt(r.from*r.from+2*slope*calls))), true
}

func (r ramp) validate() error {
	if r.over <= 0 {
		return fmt.Errorf("ramp over %s", r.over)
	}
	if r.from == 0 && r.to == 0 {
		return fmt.Errorf("ramp from 0 to 0")
	}
	return firstError(validRate(r.from, true), validRate(r.to, true))
}

// Step is a constant rate in calls per second, for a time. For 0 means for ever.
type Step struct {
	Rate float64
	For  time.Duration
}

// Steps is one constant rate after another; the schedule ends with the last step. A rate of 0 is a pause.
// Within a step, call n is due (n − calls before the step)/rate after the step began.
func Steps(steps ...Step) Pacer { return stepped(steps) }

type stepped []Step

func (ss stepped) When(n uint64) (time.Duration, bool) {
	calls, begun := float64(n), 0.0
	for _, s := range ss {
		length := s.For.Seconds()
		if s.For == 0 {
			length = math.Inf(1)
		}
		if within := s.Rate * length; s.Rate > 0 && calls < within {
			return seconds(begun + calls/s.Rate), true
		} else if s.Rate > 0 {
			calls -= within
		}
		begun += length
	}
	return 0, false
}

func (ss stepped) validate() error {
	if len(ss) == 0 {
		return fmt.Errorf("no steps")
	}
	for i, s := range ss {
		if err := validRate(s.Rate, true); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		if s.For < 0 || s.For == 0 && i < len(ss)-1 {
			return fmt.Errorf("step %d lasts %s", i+1, s.For)
		}
	}
	return nil
}

// Poisson is rate calls per second on average, independent of each other: the gaps are exponentially
// distributed with mean 1/rate seconds, gap = −ln(1 − U)/rate. The same seed gives the same schedule.
func Poisson(rate float64, seed uint64) Pacer {
	return &poisson{rate: rate, rng: rand.New(rand.NewPCG(seed, 0))}
}

type poisson struct {
	rate float64
	rng  *rand.Rand
	next uint64  // the first call that no gap was drawn for
	at   float64 // seconds at which call next−1 is due
}

func (p *poisson) When(n uint64) (time.Duration, bool) {
	for ; p.next <= n; p.next++ {
		p.at += p.rng.ExpFloat64() / p.rate
	}
	return seconds(p.at), true
}

func (p *poisson) validate() error { return validRate(p.rate, false) }

// MaxRate is the highest rate that a pacer accepts, in calls per second.
const MaxRate = 1e6

func validRate(rate float64, zero bool) error {
	if rate == 0 && zero || rate > 0 && rate <= MaxRate {
		return nil
	}
	return fmt.Errorf("rate %v is not in (0, %v] calls per second", rate, MaxRate)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// seconds is s as a Duration; what a Duration cannot hold is Never.
func seconds(s float64) time.Duration {
	if ns := s * 1e9; ns < float64(Never) {
		return time.Duration(math.Round(ns))
	}
	return Never
}
