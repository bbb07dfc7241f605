package wire

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

const (
	pieceSize = 32 << 10
	inTransit = 64 // pieces that may be under way; the sender's window is then full
)

// piece is what one read gave, or the end of the stream.
type piece struct {
	bytes []byte
	read  time.Time
	luck  float64 // in [−1, 1], for the jitter
	end   error   // io.EOF for a half-close, anything else for a reset
}

// pump moves one direction of a connection. A reader and a writer share a queue, so that
// latency delays every byte and not each after the other.
type pump struct {
	conn     *conn
	dir      Direction
	src, dst *net.TCPConn
	fault    *state[Fault]
	queue    chan piece
	pieces   sync.Pool

	free time.Time // when the bandwidth's next byte may go
	left int64     // until the cut
	of   Fault     // that left belongs to
}

func newPump(c *conn, d Direction, src, dst *net.TCPConn) *pump {
	return &pump{
		conn: c, dir: d, src: src, dst: dst, fault: c.link.faults[d], queue: make(chan piece, inTransit),
		pieces: sync.Pool{New: func() any { b := make([]byte, pieceSize); return &b }},
	}
}

func (p *pump) run() {
	var reading sync.WaitGroup
	reading.Go(p.read)
	p.write()
	reading.Wait()
}

// read takes what comes, unless the direction is held: then the sender's window fills up.
func (p *pump) read() {
	defer close(p.queue)
	for p.conn.unheld(p.dir) {
		buffer := p.pieces.Get().(*[]byte)
		n, err := p.src.Read(*buffer)
		got := piece{bytes: (*buffer)[:n], read: time.Now(), luck: 2*rand.Float64() - 1, end: err}
		select {
		case p.queue <- got:
		case <-p.conn.over:
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *pump) write() {
	for got := range p.queue {
		if !p.deliver(got.bytes, got) {
			return
		}
		if got.end != nil {
			p.finish(got)
			return
		}
		b := got.bytes[:cap(got.bytes)]
		p.pieces.Put(&b)
	}
}

// deliver writes bytes when they are due, in parts where bandwidth or a cut asks for it.
func (p *pump) deliver(bytes []byte, of piece) bool {
	for len(bytes) > 0 {
		f, ok := p.await(of)
		if !ok {
			return false
		}
		part := bytes[:p.portion(f, len(bytes))]
		n, err := p.dst.Write(part)
		p.conn.link.bytes[p.dir].Add(int64(n))
		if err != nil {
			p.conn.reset()
			return false
		}
		bytes = bytes[n:]
		if f.CutAfter > 0 {
			if p.left -= int64(n); p.left <= 0 {
				p.conn.reset()
				return false
			}
		}
		if f.Bandwidth > 0 {
			p.free = later(p.free, time.Now()).Add(time.Duration(float64(n) / float64(f.Bandwidth) * float64(time.Second)))
		}
	}
	return true
}

// await waits until of is due by the fault as it is then; false means that it is too late.
func (p *pump) await(of piece) (Fault, bool) {
	for {
		f, changed := p.fault.get()
		if f != p.of {
			p.of, p.left = f, f.CutAfter
		}
		due := f.due(of.read, of.luck)
		if f.Bandwidth > 0 {
			due = later(due, p.free)
		}
		wait := time.Until(due)
		if !f.Hold && wait <= 0 {
			return f, !p.conn.ended()
		}
		var timer <-chan time.Time
		if !f.Hold {
			timer = time.After(wait)
		}
		select {
		case <-timer:
		case <-changed:
		case <-p.conn.over:
			return f, false
		}
	}
}

// portion is how many of n bytes go at once: a twentieth of a second's worth of bandwidth,
// and none beyond a cut.
func (p *pump) portion(f Fault, n int) int {
	if f.Bandwidth > 0 {
		n = int(min(int64(n), max(1, f.Bandwidth/20)))
	}
	if f.CutAfter > 0 {
		n = int(min(int64(n), p.left))
	}
	return n
}

// finish passes the stream's end on, as late as its last byte.
func (p *pump) finish(last piece) {
	if _, ok := p.await(last); !ok {
		return
	}
	if errors.Is(last.end, io.EOF) {
		p.dst.CloseWrite()
		return
	}
	p.conn.reset()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
