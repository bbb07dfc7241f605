//go:build linux

package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// echoBehind is a server on the crossing's port of another address of loopback.
func echoBehind(t *testing.T) *Crossing {
	t.Helper()
	c, err := Cross("127.0.55.1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	lis, err := net.Listen("tcp", fmt.Sprintf("127.0.55.1:%d", c.Port()))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		accept(lis, func(in *net.TCPConn) { go func() { io.Copy(in, in); in.Close() }() })
	}()
	t.Cleanup(func() { lis.Close(); <-done })
	return c
}

func dialFrom(t *testing.T, c *Crossing, host string) *net.TCPConn {
	t.Helper()
	conn, err := tryFrom(t, c, host)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func tryFrom(t *testing.T, c *Crossing, host string) (*net.TCPConn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	conn, err := d.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port()))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn), conn.SetDeadline(time.Now().Add(patience))
}

// visit makes a connection and uses it; a reset may come before the connect has returned.
func visit(t *testing.T, c *Crossing, host string) error {
	conn, err := tryFrom(t, c, host)
	if err != nil {
		return err
	}
	return echo(conn)
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// echo is what becomes of a byte that goes there and back.
func echo(c *net.TCPConn) error {
	if _, err := c.Write([]byte("x")); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err
}

func TestACrossingCutsOneVisitorOnly(t *testing.T) {
	c := echoBehind(t)
	a, b := dialFrom(t, c, "127.0.55.2"), dialFrom(t, c, "127.0.55.3")
	if err := errors.Join(echo(a), echo(b)); err != nil {
		t.Fatal(err)
	}
	heal := c.From(netip.MustParseAddr("127.0.55.2")).Sever()
	again := c.From(netip.MustParseAddr("127.0.55.2")).Sever()
	if err := echo(a); !isReset(err) {
		t.Errorf("an open connection: %v, want a reset", err)
	}
	if err := visit(t, c, "127.0.55.2"); !isReset(err) {
		t.Errorf("a new connection: %v, want a reset", err)
	}
	if err := errors.Join(echo(b), visit(t, c, "127.0.55.3")); err != nil {
		t.Errorf("the other visitor: %v", err)
	}
	heal()
	heal() // healing twice heals once
	if err := visit(t, c, "127.0.55.2"); err == nil {
		t.Error("the second cut is healed with the first")
	}
	again()
	if err := visit(t, c, "127.0.55.2"); err != nil {
		t.Errorf("after the heal: %v", err)
	}
}

func TestACrossingHoldsOneVisitorOnly(t *testing.T) {
	c := echoBehind(t)
	a, b := dialFrom(t, c, "127.0.55.2"), dialFrom(t, c, "127.0.55.3")
	if err := echo(a); err != nil {
		t.Fatal(err)
	}
	l := c.From(netip.MustParseAddr("127.0.55.2"))
	heal, err := l.Add(Up, Fault{Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { answered <- echo(a) }()
	if err := echo(b); err != nil {
		t.Errorf("the other visitor: %v", err)
	}
	select {
	case err := <-answered:
		t.Errorf("a held connection answered: %v", err)
	default:
	}
	heal()
	if err := <-answered; err != nil {
		t.Errorf("what was held did not arrive: %v", err)
	}
	if err := l.Refuse(true); !errors.Is(err, ErrShared) {
		t.Errorf("refuse: %v", err)
	}
}
