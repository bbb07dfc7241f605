package wire

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Crossing is one port of loopback with a link for each address that it is dialed from, so
// that a fault can part two of its visitors' ways. Its methods may be called concurrently.
type Crossing struct {
	port   *port
	target string

	wg sync.WaitGroup

	mu     sync.Mutex
	links  map[netip.Addr]*Link
	closed bool
}

// Cross opens a crossing on a free port, whose links lead to the same port of host.
func Cross(host string) (*Crossing, error) {
	p, err := openPort()
	if err != nil {
		return nil, fmt.Errorf("open a crossing: %w", err)
	}
	c := &Crossing{port: p, links: map[netip.Addr]*Link{}}
	c.target = net.JoinHostPort(host, fmt.Sprint(c.Port()))
	lis := p.listener()
	c.wg.Go(func() {
		accept(lis, func(in *net.TCPConn) {
			c.From(in.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()).carry(in)
		})
	})
	return c, nil
}

// Port is the port that the crossing listens on, on 127.0.0.1.
func (c *Crossing) Port() int {
	return int(netip.MustParseAddrPort(c.port.addr).Port())
}

// From is the link of those who dial from addr, also before the first of them does.
func (c *Crossing) From(addr netip.Addr) *Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.links[addr]
	if l == nil {
		l = newLink(c.target)
		l.closed = c.closed
		c.links[addr] = l
	}
	return l
}

// Close ends all links and waits until nothing is left.
func (c *Crossing) Close() {
	c.port.release()
	c.mu.Lock()
	c.closed = true
	for _, l := range c.links {
		l.Close()
	}
	c.mu.Unlock()
	c.wg.Wait()
}
