package timeline

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"
)

// Log is the append-only list of a run's events. All methods may be called
// concurrently. Memory grows with the run: each of the last 8,000 events costs about 700
// bytes, and each older one, which is kept compressed once somebody follows the log, 50.
// The payload of an older event comes back undecoded, as from a file: see Payload.
type Log struct {
	start time.Time

	mu      sync.Mutex
	sealed  [][]byte       // the oldest events, chunkEvents in each
	open    [][]Event      // the others, chunkEvents in each but the last, and never moved
	sealing bool           // somebody seals the oldest of open
	faults  map[string]int // subject → open fault, so that consequences name it
	wake    chan struct{}  // closed when somebody waits and something came
	closed  bool
}

// NewLog starts the one clock of a run at start, which needs a monotonic reading.
func NewLog(start time.Time) *Log {
	return &Log{start: start, faults: map[string]int{}}
}

// Start is the instant that T counts from.
func (l *Log) Start() time.Time { return l.start }

// At is t on the run's clock, in seconds.
func (l *Log) At(t time.Time) float64 { return t.Sub(l.start).Seconds() }

// Append stamps e with V, Seq, T and, where a subject has an open fault, Fault, and
// returns the stamped event. It never waits for a follower. After Close it only stamps.
func (l *Log) Append(e Event) Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.V = SchemaVersion
	e.Seq = l.len() + 1
	e.T = time.Since(l.start).Seconds()
	if e.Sev == "" {
		e.Sev = Info
	}
	l.correlate(&e)
	if l.closed {
		return e
	}
	l.keep(e)
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
	return e
}

// keep puts e at the end.
func (l *Log) keep(e Event) {
	n := len(l.open)
	if n == 0 || len(l.open[n-1]) == chunkEvents {
		l.open, n = append(l.open, make([]Event, 0, chunkEvents)), n+1
	}
	l.open[n-1] = append(l.open[n-1], e)
}

// correlate keeps the table of open faults and stamps e with the fault of its subject.
func (l *Log) correlate(e *Event) {
	if f, ok := e.D.(Fault); ok {
		e.Fault = f.ID
		for _, s := range e.On {
			switch {
			case e.Type == FaultInjected:
				l.faults[s] = f.ID
			case e.Type == FaultHealFailed: // it is still open
			case l.faults[s] == f.ID:
				delete(l.faults, s)
			}
		}
		return
	}
	if e.Fault != 0 || len(l.faults) == 0 {
		return
	}
	for _, s := range e.On {
		if id := l.faults[s]; id != 0 {
			e.Fault = id
			return
		}
	}
}

// Close says that nothing more will come: followers get io.EOF after the last event.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
}

// Events is everything so far. The caller must not change it. Of a long run that is much:
// From goes through it in parts.
func (l *Log) Events() []Event { return l.After(0) }

// After is every event with a Seq above seq. The caller must not change it.
func (l *Log) After(seq uint64) []Event {
	l.mu.Lock()
	n := l.len()
	l.mu.Unlock()
	if seq >= n || seq/chunkEvents == (n-1)/chunkEvents {
		return l.some(seq)
	}
	return slices.Collect(l.From(seq))
}

// Next waits until there are events after seq and returns them, or when there are many the
// first of them, up to some thousand. It returns io.EOF when the log is closed and seq is the last, or
// the context's error.
func (l *Log) Next(ctx context.Context, seq uint64) ([]Event, error) {
	for l.seal() {
	}
	for {
		if events := l.some(seq); len(events) > 0 {
			return events, nil
		}
		l.mu.Lock()
		if l.len() > seq {
			l.mu.Unlock() // it came just now
			continue
		}
		if l.closed {
			l.mu.Unlock()
			return nil, io.EOF
		}
		if l.wake == nil {
			l.wake = make(chan struct{})
		}
		wake := l.wake
		l.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Follow calls f with each event after seq, in order, until the log is closed (nil),
// f returns an error, or ctx ends.
func (l *Log) Follow(ctx context.Context, seq uint64, f func(Event) error) error {
	for {
		events, err := l.Next(ctx, seq)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := f(e); err != nil {
				return err
			}
			seq = e.Seq
		}
	}
}

// Await returns the first event after seq for which match holds, waiting for it.
func (l *Log) Await(ctx context.Context, seq uint64, match func(Event) bool) (Event, error) {
	for {
		events, err := l.Next(ctx, seq)
		if err != nil {
			return Event{}, err
		}
		for _, e := range events {
			if match(e) {
				return e, nil
			}
			seq = e.Seq
		}
	}
}
