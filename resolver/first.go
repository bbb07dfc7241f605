// Package resolver: TEMPORARY first version until the real one lands.
package resolver

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
)


type Kind int

const (
	KindStarted Kind = iota
	KindUpdated
	KindUnchanged
	KindEmpty
	KindError
	KindIndexReset
	KindBackoff
	KindResolveNow
	KindServiceConfig
	KindClosed
)

type Instance struct{ ID, Service, Node, Datacenter, Addr, Status string }
type Event struct {
	Time                                 time.Time
	Target, Service                      string
	Seq                                  uint64
	Kind                                 Kind
	Index, PrevIndex                     uint64
	Blocked, Wait                        time.Duration
	Endpoints, Added, Removed, Changed   []Instance
	Attempt                              int
	NextRetry                            time.Duration
	Err                                  error
	EmptyReason                          string
	KnownLeader, Stale, Shared, Delivered bool
}
type Observer interface{ Observe(Event) }
type Option func(*Builder)
type Builder struct {
	obs   []Observer
	addr  string
	token string
}

func NewBuilder(opts ...Option) *Builder {
	b := &Builder{}
	for _, o := range opts {
		o(b)
	}
	return b
}
func WithObserver(o Observer) Option       { return func(b *Builder) { b.obs = append(b.obs, o) } }
func WithLogger(*slog.Logger) Option       { return func(*Builder) {} }
func WithLinger(time.Duration) Option      { return func(*Builder) {} }
func WithToken(t string) Option            { return func(b *Builder) { b.token = t } }
func (b *Builder) Close() error            { return nil }
func (b *Builder) Scheme() string          { return Scheme }

type watch struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func (w *watch) ResolveNow(grpcresolver.ResolveNowOptions) {}
func (w *watch) Close()                                    { w.cancel(); w.wg.Wait() }

func (b *Builder) Build(t grpcresolver.Target, cc grpcresolver.ClientConn, _ grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	cfg := api.DefaultConfig()
	if t.URL.Host != "" {
		cfg.Address = t.URL.Host
	}
	if b.token != "" {
		cfg.Token = b.token
	}
	client, err := api.NewClient(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{cancel: cancel}
	w.wg.Go(func() {
		var index uint64
		var known []Instance
		for ctx.Err() == nil {
			asked := time.Now()
			es, meta, err := client.Health().Service(t.Endpoint(), t.URL.Query().Get("tag"), true, (&api.QueryOptions{WaitIndex: index, WaitTime: time.Minute}).WithContext(ctx))
			if err != nil {
				if ctx.Err() != nil {
					return
				}
				index = 0
				cc.ReportError(err)
				b.tell(Event{Kind: KindError, Err: err})
				time.Sleep(200 * time.Millisecond)
				continue
			}
			var st grpcresolver.State
			var now []Instance
			for _, e := range es {
				a := net.JoinHostPort(e.Service.Address, strconv.Itoa(e.Service.Port))
				st.Endpoints = append(st.Endpoints, grpcresolver.Endpoint{Addresses: []grpcresolver.Address{{Addr: a}}})
				now = append(now, Instance{ID: e.Service.ID, Addr: a})
			}
			prev := index
			index = max(1, meta.LastIndex)
			if meta.LastIndex < prev {
				index = 0
			}
			add, rem := minus(now, known), minus(known, now)
			if len(add)+len(rem) == 0 {
				continue
			}
			known = now
			cc.UpdateState(st)
			b.tell(Event{Kind: KindUpdated, Index: index, PrevIndex: prev, Endpoints: now, Added: add, Removed: rem, Blocked: time.Since(asked)})
		}
	})
	return w, nil
}

func (b *Builder) tell(e Event) {
	for _, o := range b.obs {
		o.Observe(e)
	}
}

func minus(a, b []Instance) (out []Instance) {
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x.Addr == y.Addr
		}
		if !found {
			out = append(out, x)
		}
	}
	return
}
