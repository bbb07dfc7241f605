package load

import (
	"slices"
	"sync"
	"time"
)

// Variable is a constant rate that can be changed while calls are being made. Its methods may be called
// from any goroutine. It serves one Attack.
type Variable struct {
	mu      sync.Mutex
	start   time.Time // zero before Begin
	pieces  []piece   // never empty, in order of time
	changed chan struct{}
}

// piece is the schedule from one change of rate to the next.
type piece struct {
	at    time.Duration
	calls float64 // due before at; the fraction carries the phase over, so that a change makes no burst
	rate  float64
}

// NewVariable starts at rate calls per second; 0 is a pause.
func NewVariable(rate float64) *Variable {
	return &Variable{pieces: []piece{{rate: rate}}, changed: make(chan struct{})}
}

// SetRate changes the rate from now on, in calls per second; 0 pauses. An impossible rate is refused and
// changes nothing.
func (v *Variable) SetRate(rate float64) error {
	if err := validRate(rate, true); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var at time.Duration
	if !v.start.IsZero() {
		at = time.Since(v.start)
	}
	v.change(at, rate)
	return nil
}

func (v *Variable) change(at time.Duration, rate float64) {
	last := v.pieces[len(v.pieces)-1]
	next := piece{at: at, calls: last.calls + (at-last.at).Seconds()*last.rate, rate: rate}
	if at == last.at {
		v.pieces = v.pieces[:len(v.pieces)-1]
	}
	v.pieces = append(v.pieces, next)
	close(v.changed)
	v.changed = make(chan struct{})
}

// Rate is the rate in calls per second that holds now.
func (v *Variable) Rate() float64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.pieces[len(v.pieces)-1].rate
}

// When gives call n to the stretch of constant rate that it falls in: it is due (n − calls before the
// stretch)/rate after the stretch began, and Never while the rate is 0.
func (v *Variable) When(n uint64) (time.Duration, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	calls := float64(n)
	for _, p := range slices.Backward(v.pieces) {
		if calls < p.calls {
			continue
		}
		if p.rate == 0 {
			return Never, true
		}
		return p.at + seconds((calls-p.calls)/p.rate), true
	}
	return 0, true
}

// Begin says when offset 0 was.
func (v *Variable) Begin(start time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.start = start
}

// Changed is closed at the next SetRate.
func (v *Variable) Changed() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.changed
}

func (v *Variable) validate() error { return validRate(v.Rate(), true) }
