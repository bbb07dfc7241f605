package resolver

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/serviceconfig"
)

var grpcNow = grpcresolver.ResolveNowOptions{}

// fakeChannel is grpc's side of a resolver.
type fakeChannel struct {
	mu      sync.Mutex
	states  []grpcresolver.State
	errs    []error
	configs []string
	closed  bool
	late    int           // calls after Close
	block   chan struct{} // UpdateState waits for its end
	entered chan struct{} // one slot: UpdateState has begun
}

func (c *fakeChannel) UpdateState(s grpcresolver.State) error {
	if c.block != nil {
		select {
		case c.entered <- struct{}{}:
		default:
		}
		<-c.block
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states = append(c.states, s)
	if c.closed {
		c.late++
	}
	return nil
}

func (c *fakeChannel) ReportError(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
	if c.closed {
		c.late++
	}
}

func (c *fakeChannel) NewAddress([]grpcresolver.Address) {}

func (c *fakeChannel) ParseServiceConfig(s string) *serviceconfig.ParseResult {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.configs = append(c.configs, s)
	if strings.Contains(s, "bad") {
		return &serviceconfig.ParseResult{Err: errors.New("bad config")}
	}
	return &serviceconfig.ParseResult{}
}

func (c *fakeChannel) updates() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states)
}

func (c *fakeChannel) errors() []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.errs)
}

func (c *fakeChannel) lastError() string {
	if errs := c.errors(); len(errs) > 0 {
		return errs[len(errs)-1].Error()
	}
	return ""
}

// has is the addresses of the newest state, "-" before there is one.
func (c *fakeChannel) has() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.states) == 0 {
		return "-"
	}
	var out []string
	for _, ep := range c.states[len(c.states)-1].Endpoints {
		out = append(out, strings.TrimPrefix(ep.Addresses[0].Addr, "127.0.0.1:"))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// build starts a resolver for a target of f, closed with the test.
func build(t *testing.T, b *Builder, target string, cc grpcresolver.ClientConn) grpcresolver.Resolver {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Build(grpcresolver.Target{URL: *u}, cc, grpcresolver.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func newTestBuilder(t *testing.T, opts ...Option) (*Builder, *Recorder) {
	rec := &Recorder{Keep: 1 << 16}
	b := NewBuilder(append([]Option{WithObserver(rec), WithLinger(0)}, opts...)...)
	t.Cleanup(func() { _ = b.Close() })
	return b, rec
}

// resolve is the usual case: one channel on service web of f, with extra parameters.
func resolve(t *testing.T, f *fake, params string, opts ...Option) (*fakeChannel, *Recorder, grpcresolver.Resolver) {
	t.Helper()
	b, rec := newTestBuilder(t, opts...)
	cc := &fakeChannel{}
	r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web"+params, cc)
	return cc, rec, r
}

// eventually waits for a condition; the limit only bounds a failing test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func kinds(rec *Recorder, k Kind) []Event {
	var out []Event
	for _, e := range rec.Events() {
		if e.Kind == k {
			out = append(out, e)
		}
	}
	return out
}
