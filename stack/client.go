package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"

	"devstack/greeter"
	"devstack/load"
	"devstack/resolver"
	"devstack/resolver/naive"
)

// Channels is how many gRPC channels a client spreads its calls over. Round robin is
// exact within one channel.
const Channels = 1

// client calls the service through the resolver under test, at a steady rate.
type client struct {
	cfg    Config
	voice  voice
	target string
	dns    string // where Consul answers DNS

	security security
	names    *names
	rate     *load.Variable
	attack   *load.Attack
	traffic  *traffic
	conn     *grpc.ClientConn
	builder  io.Closer // of the resolver under test, when it has an end of its own
	calls    *callRecord

	watching channelWatch
	ways     ways // its links, when the stack has any
}

// newClient opens the channel of a client of that name; no call is made before run.
func newClient(s *Stack, name string) (*client, error) {
	cfg, v := s.cfg, voice{log: s.log, name: name}
	c := &client{
		cfg: cfg, voice: v, target: s.Target(), dns: s.Agent().Addrs().DNS, security: s.agents.security, names: s.names, calls: s.calls,
		rate:    load.NewVariable(cfg.Rate),
		traffic: &traffic{voice: v, names: s.names, deadline: cfg.Deadline, lastPick: map[string]float64{}},
	}
	c.watching = channelWatch{voice: v, names: s.names, traffic: c.traffic}
	attack, err := load.New(load.Config{
		Call: c.call, Origin: cfg.Timeline.Start(), Pacer: c.rate, Deadline: cfg.Deadline, Keys: cfg.Keys, MaxInFlight: 4096, Sink: c.result,
	})
	if err != nil {
		return nil, err
	}
	c.attack = attack
	return c, c.dial()
}

func (c *client) dial() error {
	config, err := c.cfg.serviceConfig()
	if err != nil {
		return err
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(config),
		grpc.WithResolvers(load.Observe(c.resolvers(), &c.watching)),
		grpc.WithNoProxy(),
	}
	if c.cfg.Links {
		opts = append(opts, grpc.WithContextDialer(c.ways.dial))
	}
	if k := c.cfg.Channel.Keepalive; k > 0 {
		opts = append(opts, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: k, Timeout: c.cfg.Channel.KeepaliveTimeout}))
	}
	if c.cfg.Channel.IdleTimeout > 0 {
		opts = append(opts, grpc.WithIdleTimeout(c.cfg.Channel.IdleTimeout))
	}
	conn, err := grpc.NewClient(c.target, opts...)
	if err != nil {
		return fmt.Errorf("make a channel to %s: %w", c.target, err)
	}
	c.conn = conn
	return nil
}

// resolvers is the resolver under test.
func (c *client) resolvers() grpcresolver.Builder {
	if c.cfg.Via != ViaDirect {
		return grpcresolver.Get("passthrough") // somebody else resolves
	}
	if c.cfg.Resolver == ResolverNaive {
		b := naive.NewBuilder(func(err error) { tellCrash(c.voice, err) })
		c.builder = b
		return watchedBuilder{b, c.voice, c.names}
	}
	if c.cfg.Resolver == ResolverDNS {
		return watchedBuilder{dnsBuilder{server: c.dns}, c.voice, c.names}
	}
	opts := []resolver.Option{
		resolver.WithObserver(resolverWatch{voice: c.voice, names: c.names}),
		resolver.WithLogger(c.cfg.Log),
		resolver.WithLinger(0),
	}
	if token := c.security.token(c.cfg.Consul, partResolver); token != "" {
		opts = append(opts, resolver.WithToken(token))
	}
	if c.security.ca != nil {
		opts = append(opts, resolver.WithTLS(resolver.TLS{CAFile: c.security.ca.file()}))
	}
	b := resolver.NewBuilder(opts...)
	c.builder = b
	return b
}

// serviceConfig is what the client's channel goes by.
func (c Config) serviceConfig() (string, error) {
	opts := c.Channel.options()
	if c.Settings != "" {
		opts = append(opts, load.WithPolicyConfig(c.Settings))
	}
	return load.ServiceConfig(c.Policy, opts...)
}

// Subset is how many replicas the policy uses at most, a large number for all of them.
func (c Config) Subset() int {
	var settings struct {
		SubsetSize int `json:"subsetSize"`
	}
	if c.Policy == "random_subsetting" && json.Unmarshal([]byte(c.Settings), &settings) == nil && settings.SubsetSize > 0 {
		return settings.SubsetSize
	}
	return math.MaxInt
}

func (ch ChannelConfig) options() []load.ConfigOption {
	var opts []load.ConfigOption
	if ch.Attempts > 1 {
		opts = append(opts, load.WithRetry(load.Retry{MaxAttempts: ch.Attempts}))
	}
	if ch.Throttle {
		opts = append(opts, load.WithRetryThrottling(10, 0.1))
	}
	if ch.WaitForReady {
		opts = append(opts, load.WithWaitForReady())
	}
	if ch.HealthCheck {
		opts = append(opts, load.WithHealthCheck(""))
	}
	return opts
}

func (c *client) call(ctx context.Context) (string, error) {
	_, replica, err := greeter.Call(ctx, c.conn, "devstack")
	return replica, err
}

func (c *client) result(r load.Result) {
	c.calls.add(c.voice.name, r)
	c.traffic.add(r)
}

// connect waits for the first successful call, made apart from the measured ones.
func (c *client) connect(ctx context.Context) error {
	if c.cfg.Replica.RegisterFirst {
		sleep(ctx, c.cfg.Replica.WarmUp) // until all are warm: the lesson is about the next one
	}
	_, _, err := greeter.Call(ctx, waitForReady{c.conn}, "devstack")
	// A replica that registered before it was warm answers that it is not ready.
	for status.Code(err) == codes.Unavailable && c.cfg.Replica.WarmUp > 0 && ctx.Err() == nil {
		sleep(ctx, 50*time.Millisecond)
		_, _, err = greeter.Call(ctx, waitForReady{c.conn}, "devstack")
	}
	if err != nil {
		return fmt.Errorf("call %s for the first time: %w", c.target, err)
	}
	return nil
}

// waitForReady makes calls wait for a connection instead of failing at once.
type waitForReady struct{ *grpc.ClientConn }

func (w waitForReady) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return w.ClientConn.Invoke(ctx, method, args, reply, append(opts, grpc.WaitForReady(true))...)
}

// run makes calls and tells ticks until ctx ends and the last call is done.
func (c *client) run(ctx context.Context) {
	ticking, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { defer close(done); c.tick(ticking) }()
	c.attack.Run(ctx) // fails only when it is run twice
	stop()
	<-done
}

func (c *client) tick(ctx context.Context) {
	every := time.NewTicker(tickEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			c.tellTick()
			return
		}
		c.tellTick()
	}
}

func (c *client) tellTick() {
	c.traffic.tell(c.voice.log.At(time.Now()), c.rate.Rate(), int(c.attack.Stats().InFlight))
}

// close ends the channel. run must have returned.
func (c *client) close() error {
	errs := []error{c.conn.Close()}
	c.ways.close()
	if c.builder != nil {
		errs = append(errs, c.builder.Close())
	}
	return errors.Join(errs...)
}
