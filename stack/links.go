package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"devstack/stack/wire"
)

// Which of a replica's links a fault is about. Each is a way of its own, so that the client,
// or Consul alone, can lose sight of a replica that is well.
const (
	PathService = "service" // from every client to the replica: the address that it registers
	PathCheck   = "check"   // from Consul's check to the replica
	PathClient  = "client"  // from one client of this stack to the replica
)

// Paths lists them.
func Paths() []string { return []string{PathService, PathCheck, PathClient} }

// links are what stands before a replica's process while it lives: a restarted one has others,
// as it has another port.
type links struct{ service, check *wire.Link }

func openLinks() (l links, err error) {
	if l.service, err = wire.Listen(""); err != nil {
		return l, err
	}
	if l.check, err = wire.Listen(""); err != nil {
		l.service.Close()
		return links{}, err
	}
	return l, nil
}

func (l links) close() {
	if l.service != nil {
		l.service.Close()
		l.check.Close()
	}
}

// lead sends what comes to addr.
func (l links) lead(addr string) {
	if l.service != nil {
		l.service.SetTarget(addr)
		l.check.SetTarget(addr)
	}
}

// ErrNoLinks is what a fault of the network meets where nothing stands in it.
var ErrNoLinks = errors.New("this stack has no links to break (devstack up --links)")

// linksTo are the links of a path to a replica. A client has one for each address that it
// dialed; caller is whose, for that path.
func (s *Stack) linksTo(r *Replica, path string, caller *client) ([]*wire.Link, error) {
	r.mu.Lock()
	own := r.links
	r.mu.Unlock()
	if own.service == nil {
		return nil, ErrNoLinks
	}
	switch path {
	case PathService:
		return []*wire.Link{own.service}, nil
	case PathCheck:
		return []*wire.Link{own.check}, nil
	}
	found := caller.ways.to(own.service.Addr())
	if found == nil {
		return nil, fmt.Errorf("%s never called %s", caller.voice.name, r.Name)
	}
	return []*wire.Link{found}, nil
}

// ways are the client's own links, one for each address that it dials.
type ways struct {
	mu    sync.Mutex
	links map[string]*wire.Link
}

// dial connects to addr through a link of the client's own.
func (w *ways) dial(ctx context.Context, addr string) (net.Conn, error) {
	l, err := w.way(addr)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr())
}

func (w *ways) way(addr string) (*wire.Link, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.links[addr]; l != nil {
		return l, nil
	}
	l, err := wire.Listen(addr)
	if err != nil {
		return nil, err
	}
	if w.links == nil {
		w.links = map[string]*wire.Link{}
	}
	w.links[addr] = l
	return l, nil
}

func (w *ways) to(addr string) *wire.Link {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.links[addr]
}

func (w *ways) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.links {
		l.Close()
	}
	w.links = nil
}
