package timeline

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
)

// A run of many hours is mostly ticks that nobody asks for again. Its older events are kept
// sealed: as compressed lines, some fifty bytes each instead of some seven hundred.
const (
	chunkEvents = 1024            // in each chunk; every sealed one is full
	openEvents  = 8 * chunkEvents // that stay as they are at the most, but for what a seal under way has before it
)

// seal seals the oldest chunk of open events and reports true, when there are enough.
// Followers call it on their way, so that who appends never waits for it; one at a time does
// the work.
func (l *Log) seal() bool {
	l.mu.Lock()
	if l.sealing || l.openEvents() < openEvents {
		l.mu.Unlock()
		return false
	}
	l.sealing = true
	oldest := l.open[0]
	l.mu.Unlock()

	chunk, err := pack(oldest)

	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		return false // an event that JSON cannot hold: WriteTo says so; here all stays as it is
	}
	l.sealing = false
	l.sealed = append(l.sealed, chunk)
	l.open = slices.Delete(l.open, 0, 1)
	return true
}

// sealedEvents is how many events are in chunks; l.mu is held.
func (l *Log) sealedEvents() uint64 { return uint64(len(l.sealed)) * chunkEvents }

// openEvents is how many are not; l.mu is held.
func (l *Log) openEvents() uint64 {
	n := len(l.open)
	if n == 0 {
		return 0
	}
	return uint64(n-1)*chunkEvents + uint64(len(l.open[n-1]))
}

// len is Len; l.mu is held.
func (l *Log) len() uint64 { return l.sealedEvents() + l.openEvents() }

// Len is how many events there are so far: the Seq of the last.
func (l *Log) Len() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.len()
}

// From is every event so far with a Seq above seq, in order. Unlike After it has no more
// than a part of a long record in memory at a time.
func (l *Log) From(seq uint64) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for end := l.Len(); seq < end; {
			for _, e := range l.some(seq) {
				if e.Seq > end || !yield(e) {
					return
				}
				seq = e.Seq
			}
		}
	}
}

// some is the events after seq up to the end of the chunk that they are in, nil when there
// are none.
func (l *Log) some(seq uint64) []Event {
	l.mu.Lock()
	if before := l.sealedEvents(); seq >= before {
		defer l.mu.Unlock()
		return l.openAfter(seq)
	}
	chunk := l.sealed[seq/chunkEvents]
	l.mu.Unlock()
	return unpack(chunk)[seq%chunkEvents:]
}

// openAfter is the open events after seq up to the end of their chunk; l.mu is held.
func (l *Log) openAfter(seq uint64) []Event {
	if seq >= l.len() {
		return nil
	}
	at := seq - l.sealedEvents()
	chunk := l.open[at/chunkEvents]
	return slices.Clip(chunk[at%chunkEvents:])
}

// pack writes events as Log.WriteTo does, compressed.
func pack(events []Event) ([]byte, error) {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("seal events: %w", err)
	}
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	for _, e := range events {
		if err := enc.Encode(e); err != nil {
			return nil, fmt.Errorf("seal event %d: %w", e.Seq, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("seal events: %w", err)
	}
	return slices.Clip(b.Bytes()), nil
}

// unpack reads what pack wrote; there is no other source of chunks.
func unpack(chunk []byte) []Event {
	events, err := Read(flate.NewReader(bytes.NewReader(chunk)))
	if err != nil || len(events) != chunkEvents {
		panic(fmt.Sprintf("timeline: a sealed chunk has %d events: %v", len(events), err))
	}
	return events
}
