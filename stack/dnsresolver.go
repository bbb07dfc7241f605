package stack

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
)

// DNSPause is the least time between two look-ups of grpc's own dns resolver
// (MinResolutionInterval in its internal/resolver/dns), which asks at the start and then
// only when a connection breaks.
const DNSPause = 30 * time.Second

// dnsBuilder makes resolvers that ask Consul's DNS by the rules of grpc's dns resolver. It
// reads SRV records, because A records, all that grpc reads, have no port.
type dnsBuilder struct {
	server string // host:port
}

func (dnsBuilder) Scheme() string { return "consul" }

func (b dnsBuilder) Build(t grpcresolver.Target, cc grpcresolver.ClientConn, _ grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, b.server)
	}
	r := &dnsResolver{
		dnsBuilder: b, name: strings.Trim(t.Endpoint(), "/") + ".service.consul.", cc: cc, now: make(chan struct{}, 1),
		lookup: net.Resolver{PreferGo: true, Dial: dial},
	}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	r.wg.Go(func() { r.run(ctx) })
	return r, nil
}

type dnsResolver struct {
	dnsBuilder
	name   string
	cc     grpcresolver.ClientConn
	lookup net.Resolver
	now    chan struct{}
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func (r *dnsResolver) ResolveNow(grpcresolver.ResolveNowOptions) {
	select {
	case r.now <- struct{}{}:
	default:
	}
}

func (r *dnsResolver) Close() {
	r.cancel()
	r.wg.Wait()
}

func (r *dnsResolver) run(ctx context.Context) {
	for ctx.Err() == nil {
		addrs, err := r.ask(ctx)
		if err != nil {
			r.fail(ctx, err)
			continue
		}
		r.give(addrs)
		sleep(ctx, DNSPause)
		select {
		case <-r.now:
		case <-ctx.Done():
		}
	}
}

func (r *dnsResolver) fail(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	r.cc.ReportError(err)
	sleep(ctx, time.Second)
}

func (r *dnsResolver) ask(ctx context.Context) ([]string, error) {
	_, records, err := r.lookup.LookupSRV(ctx, "", "", r.name)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", r.name, err)
	}
	var addrs []string
	for _, rec := range records {
		hosts, err := r.lookup.LookupHost(ctx, rec.Target)
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", rec.Target, err)
		}
		for _, h := range hosts {
			addrs = append(addrs, net.JoinHostPort(h, strconv.Itoa(int(rec.Port))))
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs), nil
}

func (r *dnsResolver) give(addrs []string) {
	var state grpcresolver.State
	for _, a := range addrs {
		state.Endpoints = append(state.Endpoints, grpcresolver.Endpoint{Addresses: []grpcresolver.Address{{Addr: a}}})
	}
	_ = r.cc.UpdateState(state) // the next look-up comes when it comes, whatever the balancer thinks
}
