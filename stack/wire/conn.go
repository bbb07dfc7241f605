package wire

import (
	"context"
	"net"
	"sync"
)

// conn is one connection through a link: the dialer's socket, and one to the target.
type conn struct {
	link *Link
	in   *net.TCPConn

	over chan struct{} // closed when the connection is reset

	mu  sync.Mutex
	out *net.TCPConn // nil until the target is reached
	cut bool         // over is closed
}

func newConn(l *Link, in *net.TCPConn) *conn {
	return &conn{link: l, in: in, over: make(chan struct{})}
}

// run carries the connection from its beginning to its end.
func (c *conn) run() {
	defer c.in.Close()
	if !c.unstalled() {
		return
	}
	if err := c.reach(); err != nil {
		c.unheld(Down) // a refusal gets through no hole
		c.reset()      // nobody is there: what a dead process's kernel would answer
		return
	}
	defer c.out.Close()
	var both sync.WaitGroup
	both.Go(func() { newPump(c, Up, c.in, c.out).run() })
	both.Go(func() { newPump(c, Down, c.out, c.in).run() })
	both.Wait()
}

// unstalled waits until the link lets connections begin, and reports false when this one is
// over before.
func (c *conn) unstalled() bool {
	for {
		stalled, changed := c.link.stall.get()
		if !stalled {
			return !c.ended()
		}
		select {
		case <-changed:
		case <-c.over:
			return false
		}
	}
}

// unheld waits until the direction is not held, and reports false when the connection is
// over before.
func (c *conn) unheld(d Direction) bool {
	for {
		f, changed := c.link.faults[d].get()
		if !f.Hold {
			return !c.ended()
		}
		select {
		case <-changed:
		case <-c.over:
			return false
		}
	}
}

// reach connects to the target as soon as there is one.
func (c *conn) reach() error {
	for {
		target, changed := c.link.target.get()
		if target != "" {
			return c.dial(target)
		}
		select {
		case <-changed:
		case <-c.over:
			return net.ErrClosed
		}
	}
}

func (c *conn) dial(target string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
	defer cancel()
	out, err := (&net.Dialer{}).DialContext(ctx, "tcp", target)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = out.(*net.TCPConn)
	if c.cut {
		abort(c.out)
		return net.ErrClosed
	}
	return nil
}

// reset ends the connection with RST on both sides. It may be called at any time, again too.
func (c *conn) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return
	}
	c.cut = true
	abort(c.in)
	if c.out != nil {
		abort(c.out)
	}
	close(c.over) // last: who hears of it closes both, and that must not be a FIN
}

// ended reports whether the connection was reset.
func (c *conn) ended() bool {
	select {
	case <-c.over:
		return true
	default:
		return false
	}
}

// abort closes with RST: a zero linger drops what was not sent.
func abort(c *net.TCPConn) {
	c.SetLinger(0)
	c.Close()
}
