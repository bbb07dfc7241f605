package wire

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// dialPatience bounds how long a link tries to reach its target for one connection.
const dialPatience = time.Second

// Link listens on loopback and passes every connection on to its target. Its methods may be
// called concurrently.
type Link struct {
	port   *port // nil of a Crossing's
	target *state[string]
	faults [2]*state[Fault] // what active comes to
	stall  *state[bool]
	bytes  [2]atomic.Int64

	wg sync.WaitGroup

	mu      sync.Mutex
	conns   map[*conn]struct{}
	active  [2][]*Fault
	severed int // how often Sever was called and not healed
	closed  bool
}

// Listen opens a link on a free port of loopback. Without a target, "", connections wait for
// SetTarget.
func Listen(target string) (*Link, error) {
	p, err := openPort()
	if err != nil {
		return nil, fmt.Errorf("open a link: %w", err)
	}
	l := newLink(target)
	l.port = p
	l.serve(p.listener())
	return l, nil
}

func newLink(target string) *Link {
	return &Link{
		target: newState(target), stall: newState(false), conns: map[*conn]struct{}{},
		faults: [2]*state[Fault]{newState(Fault{}), newState(Fault{})},
	}
}

// Addr is the host:port that the link listens on, for as long as it lives; "" of a Crossing's.
func (l *Link) Addr() string {
	if l.port == nil {
		return ""
	}
	return l.port.addr
}

// SetTarget names the host:port that connections are passed on to from now on. Open ones stay
// where they are.
func (l *Link) SetTarget(addr string) { l.target.set(addr) }

// Add breaks one direction as f says, beside what else is wrong with it, until heal is called.
// Latencies add up, the narrowest bandwidth and the nearest cut count.
func (l *Link) Add(d Direction, f Fault) (heal func(), err error) {
	if err := f.validate(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	mine := &f
	l.active[d] = append(l.active[d], mine)
	l.faults[d].set(sum(l.active[d]))
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.active[d] = slices.DeleteFunc(l.active[d], func(o *Fault) bool { return o == mine })
		l.faults[d].set(sum(l.active[d]))
	}, nil
}

// Stall makes connections that are made from now on silent: they are accepted, and nobody
// is behind them. Taken away, those go on as if nothing had been.
func (l *Link) Stall(on bool) { l.stall.set(on) }

// ErrShared is what a link meets that has no port of its own to close.
var ErrShared = errors.New("the port belongs to other links too")

// Refuse makes the kernel refuse new connections; open ones are not touched.
func (l *Link) Refuse(on bool) error {
	if l.port == nil {
		return ErrShared
	}
	if on {
		return l.port.close()
	}
	lis, err := l.port.reopen()
	if err == nil && lis != nil {
		l.serve(lis)
	}
	return err
}

// Reset resets every open connection, once, and returns how many there were.
func (l *Link) Reset() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.reset()
	}
	return len(l.conns)
}

// Sever resets every open connection, and each new one as soon as it is made, until heal is
// called as often.
func (l *Link) Sever() (heal func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.severed++
	for c := range l.conns {
		c.reset()
	}
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.severed--
	})
}

// Open is how many connections go through the link now.
func (l *Link) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// Bytes is how much has arrived in a direction so far.
func (l *Link) Bytes(d Direction) int64 { return l.bytes[d].Load() }

// Close ends the link with everything that goes through it and waits until nothing is left.
func (l *Link) Close() {
	if l.port != nil {
		l.port.release()
	}
	l.mu.Lock()
	l.closed = true
	for c := range l.conns {
		c.reset()
	}
	l.mu.Unlock()
	l.wg.Wait()
}

func (l *Link) serve(lis net.Listener) {
	l.wg.Go(func() { accept(lis, l.carry) })
}

// accept hands every connection to carry until lis is closed.
func accept(lis net.Listener, carry func(*net.TCPConn)) {
	for {
		in, err := lis.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors: the next one may have luck
			time.Sleep(10 * time.Millisecond)
			continue
		}
		carry(in.(*net.TCPConn))
	}
}

// carry passes one connection on, from its own goroutines.
func (l *Link) carry(in *net.TCPConn) {
	c := newConn(l, in)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.severed > 0 {
		c.reset()
		return
	}
	l.conns[c] = struct{}{}
	l.wg.Go(func() {
		c.run()
		l.mu.Lock()
		delete(l.conns, c)
		l.mu.Unlock()
	})
}
