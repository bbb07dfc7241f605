package resolver

import (
	"context"
	"sync"
)

// Recorder is an Observer that keeps the newest events for dashboards and tests. Its methods may be called
// concurrently. The zero value keeps 1024.
type Recorder struct {
	Keep int // set it before first use

	mu      sync.Mutex
	ring    []Event
	next    int // where the next event goes once the ring is full
	dropped uint64
	subs    map[chan Event]struct{}
}

// Observe keeps e, in place of the oldest when full.
func (r *Recorder) Observe(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	keep := r.Keep
	if keep <= 0 {
		keep = 1024
	}
	if len(r.ring) < keep {
		r.ring = append(r.ring, e)
	} else {
		r.ring[r.next] = e
		r.next = (r.next + 1) % keep
		r.dropped++
	}
	for ch := range r.subs {
		r.send(ch, e)
	}
}

// send drops the oldest unread event of a slow subscriber.
func (r *Recorder) send(ch chan Event, e Event) {
	for {
		select {
		case ch <- e:
			return
		default:
		}
		select {
		case <-ch:
			r.dropped++
		default:
		}
	}
}

// Events is what is kept, oldest first.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(append([]Event(nil), r.ring[r.next:]...), r.ring[:r.next]...)
}

// Dropped counts events that made room for newer ones, in the ring or with a slow subscriber.
func (r *Recorder) Dropped() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dropped
}

// Subscribe returns a channel of the events from now on, closed when ctx ends. A reader that falls 256 behind
// loses the oldest.
func (r *Recorder) Subscribe(ctx context.Context) <-chan Event {
	ch := make(chan Event, 256)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.subs == nil {
		r.subs = map[chan Event]struct{}{}
	}
	r.subs[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.subs, ch)
		close(ch)
	})
	return ch
}
