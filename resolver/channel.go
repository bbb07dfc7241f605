package resolver

import (
	"cmp"
	"context"
	"sync"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
)

// channel is one grpc channel's resolver: it turns what watches know into what the balancer should have. One
// goroutine talks to grpc; watches only leave their newest answer in a mailbox, so a slow balancer delays nobody
// else.
type channel struct {
	builder *Builder
	target  Target
	name    string // the target without secrets
	cc      grpcresolver.ClientConn
	shape   shape
	empty   EmptyPolicy
	hold    time.Duration
	linger  time.Duration

	watches []*watch // one per datacenter, in order of preference
	config  *watch   // of the service config, or nil

	cancel  context.CancelFunc
	running sync.WaitGroup
	closing sync.Once

	mu   sync.Mutex
	mail []*answer // the newest of each watch; the last slot is the config's
	wake chan struct{}

	// What follows belongs to the goroutine.
	given     []Instance // what the balancer has
	delivered bool       // it was given a list, perhaps an empty one
	reported  string     // text of the last error it was given since
	emptyFrom time.Time
	expire    *time.Timer
	parsed    parsedConfig
}

func newChannel(b *Builder, t Target, cc grpcresolver.ClientConn, opts grpcresolver.BuildOptions) *channel {
	c := &channel{builder: b, target: t, name: t.Redacted(), cc: cc, shape: shapeOf(t, b.seed), wake: make(chan struct{}, 1),
		empty: cmp.Or(t.Empty, EmptyClear), hold: cmp.Or(t.Hold, 30*time.Second), linger: cmp.Or(t.Linger, 30*time.Second)}
	if opts.DisableServiceConfig {
		c.target.ConfigKey = ""
	}
	return c
}

// start subscribes to everything c needs, or to nothing.
func (c *channel) start(a access) error {
	asks := queries(a, c.target)
	c.mail = make([]*answer, len(asks)+1)
	for n, q := range asks {
		w, err := c.builder.join(q, c, c.inbox(n))
		if err != nil {
			c.leave()
			return err
		}
		c.watches = append(c.watches, w)
	}
	if c.target.ConfigKey != "" {
		w, err := c.builder.join(configQuery(a, c.target), c, c.inbox(len(asks)))
		if err != nil {
			c.leave()
			return err
		}
		c.config = w
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.expire = time.NewTimer(time.Hour)
	c.expire.Stop()
	c.running.Go(func() { c.run(ctx) })
	return nil
}

func (c *channel) inbox(slot int) inbox {
	return func(a *answer) {
		c.mu.Lock()
		c.mail[slot] = a
		c.mu.Unlock()
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

func (c *channel) leave() {
	for _, w := range c.watches {
		c.builder.leave(w, c, c.linger)
	}
	if c.config != nil {
		c.builder.leave(c.config, c, c.linger)
	}
}

// ResolveNow asks watches that wait out a failure to try sooner. It never disturbs a healthy query: Consul
// answers that one as soon as there is news.
func (c *channel) ResolveNow(grpcresolver.ResolveNowOptions) {
	for _, w := range c.watches {
		w.resolveNow()
	}
	if c.config != nil {
		c.config.resolveNow()
	}
}

// Close stops c, waits for its goroutine and leaves its watches to others, or to linger. grpc hears nothing more
// from c. It does not wait for Consul.
func (c *channel) Close() {
	c.closing.Do(func() {
		c.cancel()
		c.running.Wait()
		c.leave()
		c.tell(Event{Kind: KindClosed})
	})
}

func (c *channel) run(ctx context.Context) {
	defer c.expire.Stop()
	c.tell(Event{Kind: KindStarted})
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-c.expire.C:
		}
		if ctx.Err() != nil {
			return
		}
		c.mu.Lock()
		mail := append([]*answer(nil), c.mail...)
		c.mu.Unlock()
		c.deliver(mail[:len(mail)-1], mail[len(mail)-1])
	}
}

func (c *channel) tell(e Event) {
	e.Target, e.Service = c.name, cmp.Or(c.target.Service, c.target.Query)
	c.builder.tell(e)
}
