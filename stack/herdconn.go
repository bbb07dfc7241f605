package stack

import (
	"net"
	"sync"
	"sync/atomic"
)

// herdConn is a connection of the herd to the agent, counted while it is open.
//
// An agent that turns a connection away says why before it was asked anything. net/http
// takes that for noise and drops it, so what comes in is read when a question is out.
type herdConn struct {
	net.Conn
	open   *atomic.Int64
	asked  chan struct{} // closed with the first write, or by Close
	asking sync.Once
	ending sync.Once
}

func newHerdConn(c net.Conn, open *atomic.Int64) *herdConn {
	open.Add(1)
	return &herdConn{Conn: c, open: open, asked: make(chan struct{})}
}

func (c *herdConn) Read(b []byte) (int, error) {
	<-c.asked
	return c.Conn.Read(b)
}

func (c *herdConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.asking.Do(func() { close(c.asked) })
	return n, err
}

func (c *herdConn) Close() error {
	c.ending.Do(func() { c.open.Add(-1) })
	err := c.Conn.Close()
	c.asking.Do(func() { close(c.asked) })
	return err
}

// herdSource is the address that the herd calls from. An agent counts connections by
// address, so the herd has one of its own, like clients on other hosts, and does not use up
// what replicas and observers need. Not every system has a second loopback address.
func herdSource(c ConsulConfig) net.Addr {
	own := net.IPv4(127, 0, 0, 2)
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: own})
	if err != nil || c.Addr != "" {
		return nil
	}
	l.Close()
	return &net.TCPAddr{IP: own}
}
