package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/bench/resolvers"
	"devstack/greeter"
	"devstack/load"
)

// client calls the service at a steady rate through one resolver, and remembers.
type client struct {
	name   string
	origin time.Time
	conn   *grpc.ClientConn
	end    func() // of the resolver
	cancel context.CancelFunc
	ran    sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed with each thing that is remembered
	results []load.Result // since forget
	pushed  []push        // since forget, after one that was there before
	answers map[string]bool
}

// push is a list that the resolver gave to the channel, and when.
type push struct {
	at    time.Duration
	addrs []string
}

// newClient calls until close.
func newClient(c resolvers.Contender, target string, origin time.Time) (*client, error) {
	b, end := c.New()
	cl := &client{name: c.Name, origin: origin, end: end, changed: make(chan struct{}), answers: map[string]bool{}, pushed: []push{{}}}
	config, err := load.ServiceConfig("round_robin")
	if err != nil {
		return nil, err
	}
	// Without the parameter mbobakov's offers the dead too; the tutorial's ignores it.
	cl.conn, err = grpc.NewClient(target+"?healthy=true", grpc.WithResolvers(watched{b, cl}), grpc.WithDefaultServiceConfig(config),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		return nil, fmt.Errorf("make a channel with %s: %w", c.Name, err)
	}
	attack, err := load.New(load.Config{Origin: origin, Pacer: load.Constant(rate), Sink: cl.result,
		Call: func(ctx context.Context) (string, error) {
			_, replica, err := greeter.Call(ctx, cl.conn, "bench")
			return replica, err
		}})
	if err != nil {
		return nil, errors.Join(err, cl.conn.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cl.cancel = cancel
	cl.ran.Go(func() { attack.Run(ctx) })
	return cl, nil
}

func (c *client) close() {
	c.cancel()
	c.ran.Wait()
	c.conn.Close()
	c.end()
}

func (c *client) result(r load.Result) {
	c.remember(func() {
		c.results = append(c.results, r)
		if r.Code == codes.OK {
			c.answers[r.Addr] = true
		}
	})
}

// remember changes c and wakes who waits.
func (c *client) remember(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// forget keeps only the newest list.
func (c *client) forget() {
	c.remember(func() { c.results, c.pushed = nil, c.pushed[len(c.pushed)-1:] })
}

// await waits until f, which sees c locked, holds.
func (c *client) await(ctx context.Context, f func() bool) error {
	for {
		c.mu.Lock()
		changed, ok := c.changed, f()
		c.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// uses waits until c is offered addr and was answered by it.
func (c *client) uses(ctx context.Context, addr string) error {
	return c.await(ctx, func() bool {
		return c.answers[addr] && slices.Contains(c.pushed[len(c.pushed)-1].addrs, addr)
	})
}

// callsAfter is how many calls must have ended after the resolver's news: by then those
// from before have ended too.
const callsAfter = 20

// outcome waits until the resolver has dropped the victim and tells what it meant for c.
func (c *client) outcome(ctx context.Context, victim string, killed time.Duration) (outcome, error) {
	var dropped time.Duration
	err := c.await(ctx, func() bool {
		for _, p := range c.pushed {
			if p.at > killed && !slices.Contains(p.addrs, victim) {
				dropped = p.at
				return c.sentSince(p.at) >= callsAfter
			}
		}
		return false
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	o := outcome{client: c.name, pushed: dropped - killed}
	for _, r := range c.results {
		if r.Code != codes.OK {
			o.failed++
		}
		if r.Addr == victim && r.Picked > killed {
			o.lastPick = max(o.lastPick, r.Picked-killed)
		}
	}
	return o, err
}

func (c *client) sentSince(t time.Duration) int {
	n := 0
	for _, r := range c.results {
		if r.Sent > t {
			n++
		}
	}
	return n
}

// watched remembers what passes from a resolver to the channel, once it has passed.
type watched struct {
	grpcresolver.Builder
	client *client
}

func (w watched) Build(t grpcresolver.Target, cc grpcresolver.ClientConn, o grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	return w.Builder.Build(t, watchedConn{cc, w.client}, o)
}

type watchedConn struct {
	grpcresolver.ClientConn
	client *client
}

func (w watchedConn) UpdateState(s grpcresolver.State) error {
	err := w.ClientConn.UpdateState(s)
	at, addrs := time.Since(w.client.origin), resolvers.Addresses(s)
	w.client.remember(func() { w.client.pushed = append(w.client.pushed, push{at, addrs}) })
	return err
}
