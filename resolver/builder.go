package resolver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
)

// Builder makes resolvers for channels and owns what they share: watches and connections. It implements grpc's
// resolver.Builder. All its methods may be called concurrently. Use it for some channels with grpc.WithResolvers,
// or for all with Register.
type Builder struct {
	scheme         string
	agents         []string
	user, password string
	tokenFile      string
	tls            TLS
	client         *api.Client
	params         Params
	refuseSecrets  bool
	observers      []Observer
	log            *slog.Logger
	seed           uint64

	mu      sync.Mutex
	watches map[query]*watch
	conns   map[access]*conn
	closed  bool
	running sync.WaitGroup // goroutines of watches

	telling sync.Mutex
	seq     uint64
}

// NewBuilder makes a Builder. It does no input or output; what is wrong with an option shows as the error of Build.
func NewBuilder(opts ...Option) *Builder {
	b := &Builder{scheme: Scheme, seed: rand.Uint64(), log: slog.New(slog.DiscardHandler),
		watches: map[query]*watch{}, conns: map[access]*conn{}}
	for _, o := range opts {
		o(b)
	}
	return b
}

// Register makes a Builder with opts the one that all of the program's channels use for its scheme. Like grpc's
// own Register it must be called before the first channel is made, typically first thing in main.
func Register(opts ...Option) *Builder {
	b := NewBuilder(opts...)
	grpcresolver.Register(b)
	return b
}

func init() { Register() }

// Scheme is the URL scheme of the targets b resolves.
func (b *Builder) Scheme() string { return b.scheme }

// Build starts to resolve target for cc. It returns at once, having spoken to nobody; its only errors are about
// the target itself, or a closed Builder. grpc calls it, also whenever a channel leaves idleness.
func (b *Builder) Build(target grpcresolver.Target, cc grpcresolver.ClientConn, opts grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	t, err := parseURL(target.URL, b.params)
	if err != nil {
		return nil, err
	}
	switch {
	case b.refuseSecrets && (t.Token != b.params.Token || t.Password != ""):
		return nil, &TargetError{Target: bare(target.URL), Reason: "carries a secret, which is not allowed"}
	case b.client != nil && (len(t.Agents) > 0 || t.Username != ""):
		return nil, &TargetError{Target: bare(target.URL), Reason: "names an agent, but WithClient has chosen one"}
	}
	c := newChannel(b, t, cc, opts)
	if err := c.start(b.accessFor(t)); err != nil {
		return nil, err
	}
	return c, nil
}

// join subscribes c to the watch of q, started if need be.
func (b *Builder) join(q query, c *channel, in inbox) (*watch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errors.New("consul: the resolver's builder is closed")
	}
	w := b.watches[q]
	if w == nil {
		w = b.startWatch(q, c.target.Redacted())
	}
	if w.linger != nil {
		w.linger.Stop()
		w.linger = nil
	}
	w.subscribe(c, in)
	return w, nil
}

func (b *Builder) startWatch(q query, target string) *watch {
	link := b.conns[q.access]
	if link == nil {
		link = newConn(q.access)
		b.conns[q.access] = link
	}
	link.users++
	ctx, cancel := context.WithCancel(context.Background())
	w := newWatch(b, q, link, target, cancel)
	b.watches[q] = w
	b.running.Go(func() { w.run(ctx) })
	return w
}

// leave unsubscribes c from w, which ends after a linger if nobody else comes.
func (b *Builder) leave(w *watch, c *channel, linger time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !w.unsubscribe(c) || b.watches[w.query] != w {
		return
	}
	if linger <= 0 {
		b.end(w)
		return
	}
	if w.linger != nil {
		w.linger.Stop()
	}
	w.linger = time.AfterFunc(linger, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if w.idle() && b.watches[w.query] == w {
			b.end(w)
		}
	})
}

// end cancels w and lets go of its connections. The caller holds the lock.
func (b *Builder) end(w *watch) {
	if w.linger != nil {
		w.linger.Stop()
	}
	delete(b.watches, w.query)
	w.cancel()
	if w.conn.users--; w.conn.users == 0 {
		w.conn.close()
		delete(b.conns, w.access)
	}
}

// Close ends all watches, lingering ones included, and waits for them. Channels still open keep what they have
// and hear nothing more. Build fails from then on. It is idempotent and always returns nil.
func (b *Builder) Close() error {
	b.mu.Lock()
	b.closed = true
	for _, w := range b.watches {
		b.end(w)
	}
	b.mu.Unlock()
	b.running.Wait()
	return nil
}

// Snapshot is the state of every watch, lingering ones included, ordered by target, service and datacenter.
func (b *Builder) Snapshot() []WatchStatus {
	b.mu.Lock()
	var out []WatchStatus
	for _, w := range b.watches {
		out = append(out, w.snapshot())
	}
	b.mu.Unlock()
	slices.SortFunc(out, func(x, y WatchStatus) int {
		return cmp.Or(cmp.Compare(x.Target, y.Target), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Datacenter, y.Datacenter))
	})
	return out
}

// tell numbers an event and hands it to logger and observers.
func (b *Builder) tell(e Event) {
	b.telling.Lock()
	defer b.telling.Unlock()
	b.seq++
	e.Seq, e.Time = b.seq, time.Now()
	b.logEvent(e)
	for _, o := range b.observers {
		b.observe(o, e)
	}
}

func (b *Builder) observe(o Observer, e Event) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("consul resolver: observer panicked", "kind", e.Kind.String(), "panic", fmt.Sprint(p))
		}
	}()
	o.Observe(e)
}

func (b *Builder) logEvent(e Event) {
	level := slog.LevelDebug
	switch e.Kind {
	case KindUpdated:
		level = slog.LevelInfo
	case KindEmpty, KindError:
		level = slog.LevelWarn
	}
	if !b.log.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("target", e.Target), slog.Uint64("index", e.Index)}
	if e.Kind == KindUpdated {
		attrs = append(attrs, slog.Int("instances", len(e.Endpoints)), slog.Int("added", len(e.Added)),
			slog.Int("removed", len(e.Removed)), slog.Int("changed", len(e.Changed)), slog.Int("skipped", e.Skipped))
	}
	if e.NextRetry > 0 {
		attrs = append(attrs, slog.Duration("retry", e.NextRetry), slog.Int("attempt", e.Attempt))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	b.log.LogAttrs(context.Background(), level, "consul resolver: "+e.Kind.String(), attrs...)
}
