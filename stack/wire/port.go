package wire

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// port is a TCP port of loopback that stays ours while nobody listens on it: a second
// socket is bound to it and never listens, so the kernel refuses who connects and gives the
// number to nobody else.
type port struct {
	addr string

	mu      sync.Mutex
	lis     net.Listener // nil while the port is closed
	reserve int          // file descriptor
}

func openPort() (*port, error) {
	lis, err := shared().Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &port{addr: lis.Addr().String(), lis: lis}
	if p.reserve, err = bound(lis.Addr().(*net.TCPAddr).Port); err != nil {
		lis.Close()
		return nil, err
	}
	return p, nil
}

// shared lets the listener and the reserve have one port.
func shared() *net.ListenConfig {
	return &net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		if err == nil {
			err = failed
		}
		return err
	}}
}

// bound is a socket that has the port and does not listen.
func bound(number int) (fd int, err error) {
	syscall.ForkLock.RLock()
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, fmt.Errorf("reserve port %d: %w", number, err)
	}
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Port: number, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("reserve port %d: %w", number, err)
	}
	return fd, nil
}

func (p *port) listener() net.Listener {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lis
}

// close ends the listener and keeps the port.
func (p *port) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lis == nil {
		return nil
	}
	err := p.lis.Close()
	p.lis = nil
	return err
}

// reopen listens again. It returns no listener when the port was not closed, or was released.
func (p *port) reopen() (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lis != nil || p.reserve < 0 {
		return nil, nil
	}
	lis, err := shared().Listen(context.Background(), "tcp", p.addr)
	if err != nil {
		return nil, fmt.Errorf("listen again on %s: %w", p.addr, err)
	}
	p.lis = lis
	return lis, nil
}

// release gives the port up.
func (p *port) release() {
	p.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reserve >= 0 {
		unix.Close(p.reserve)
		p.reserve = -1
	}
}
