package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/resolver"
	"devstack/timeline"
)

// How the channels of a herd come to their lists.
const (
	HerdShared = "shared" // one resolver builder for all: one watch
	HerdOwn    = "own"    // a builder each: a watch each
)

// HerdWatches lists them.
func HerdWatches() []string { return []string{HerdShared, HerdOwn} }

// MaxHerd is how many channels a herd may have.
const MaxHerd = 1000

// herdName is who sees what the herd sees.
const herdName = "herd"

// HerdConfig asks for channels that follow the service and make no calls: what a fleet of
// clients is to an agent of Consul.
type HerdConfig struct {
	Channels int    // 0: no herd
	Watch    string // HerdShared or HerdOwn; "" = HerdShared
}

// herd is those channels, and what is counted about them.
type herd struct {
	log      *timeline.Log
	watch    string
	progress *progress

	channels []*grpc.ClientConn
	builders []*resolver.Builder
	source   net.Addr     // that its connections to the agent come from; nil for any
	open     atomic.Int64 // connections to the agent
	refused  atomic.Int64 // queries that the agent turned away

	stop    context.CancelFunc
	running sync.WaitGroup
}

// startHerd opens the channels and waits until the first list has come as far as it does.
func (s *Stack) startHerd(ctx context.Context) error {
	cfg := s.cfg.Herd
	if cfg.Channels == 0 {
		return nil
	}
	h := &herd{log: s.log, watch: cfg.Watch, progress: newProgress(cfg.Channels), source: herdSource(s.cfg.Consul)}
	s.herd = h
	telling, stop := context.WithCancel(context.Background())
	h.stop = stop
	h.running.Go(func() { h.tell(telling) })
	target := (&url.URL{Scheme: resolver.Scheme, Path: s.cfg.path(), RawQuery: s.cfg.Query}).String()
	for n := range cfg.Channels {
		if n == 0 || cfg.Watch == HerdOwn {
			b, err := h.builder(s.Agent())
			if err != nil {
				return fmt.Errorf("start the herd: %w", err)
			}
			h.builders = append(h.builders, b)
		}
		if err := h.join(n, target, h.builders[len(h.builders)-1]); err != nil {
			return fmt.Errorf("start the herd: %w", err)
		}
	}
	_, err := s.log.Await(ctx, 0, func(e timeline.Event) bool { return e.Type == timeline.HerdUpdated })
	if err != nil {
		return fmt.Errorf("wait for the first list of the herd: %w", err)
	}
	return nil
}

// builder makes a resolver builder with connections of its own to the agent.
func (h *herd) builder(a *Agent) (*resolver.Builder, error) {
	c := a.clientConfig()
	c.Token = a.security.token(a.cfg.Consul, partResolver)
	c.Transport.DialContext = h.dial
	client, err := api.NewClient(c)
	if err != nil {
		return nil, fmt.Errorf("configure the Consul client: %w", err)
	}
	return resolver.NewBuilder(resolver.WithClient(client), resolver.WithLinger(0), resolver.WithObserver(resolver.ObserverFunc(h.observe))), nil
}

// join opens channel n, and makes it resolve as if it had a call to make.
func (h *herd) join(n int, target string, b *resolver.Builder) error {
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy(), grpc.WithIdleTimeout(0),
		grpc.WithResolvers(herdBuilder{Builder: b, herd: h, n: n}))
	if err != nil {
		return fmt.Errorf("make a channel to %s: %w", target, err)
	}
	h.channels = append(h.channels, conn)
	conn.Connect()
	return nil
}

// observe counts the queries that the agent turned away: a watch waits after each. Over http
// the agent says 429; over https it hangs up. Where nobody listens nobody was turned away.
func (h *herd) observe(e resolver.Event) {
	var failed *resolver.QueryError
	if e.Kind != resolver.KindBackoff || !errors.As(e.Err, &failed) {
		return
	}
	var broken *net.OpError
	hungUp := failed.Class == resolver.ClassNetwork && !(errors.As(e.Err, &broken) && broken.Op == "dial")
	if failed.Class == resolver.ClassThrottle || hungUp {
		h.refused.Add(1)
	}
}

// dial connects to the agent, and counts the connection while it is open.
func (h *herd) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{LocalAddr: h.source}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return newHerdConn(conn, &h.open), nil
}

// close ends the channels, then their watches.
func (h *herd) close() error {
	h.stop()
	h.running.Wait()
	var errs []error
	for _, c := range h.channels {
		errs = append(errs, c.Close())
	}
	for _, b := range h.builders {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// herdBuilder stands between the resolver and channel n, and notes each list that passes.
type herdBuilder struct {
	*resolver.Builder
	herd *herd
	n    int
}

func (b herdBuilder) Build(t grpcresolver.Target, cc grpcresolver.ClientConn, o grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	return b.Builder.Build(t, herdChannel{ClientConn: cc, herd: b.herd, n: b.n}, o)
}

// herdChannel is that channel as the resolver sees it.
type herdChannel struct {
	grpcresolver.ClientConn
	herd *herd
	n    int
}

func (c herdChannel) UpdateState(s grpcresolver.State) error {
	err := c.ClientConn.UpdateState(s)
	c.herd.progress.push(c.n, addressesOf(s), c.herd.log.At(time.Now()))
	return err
}
