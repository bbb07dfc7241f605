package load

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/connectivity"
	grpcresolver "google.golang.org/grpc/resolver"
)

// observed is the balancer of ObservedPolicy: it stands between the channel and one policy, or two while
// one takes over from the other. Wrapped policies are never called with mu held, because they call back
// from under their own locks; the order of locks is turn, the policy's own, mu, the channel's.
type observed struct {
	cc   balancer.ClientConn
	opts balancer.BuildOptions

	// turn keeps a policy from being closed while it hears of a subchannel.
	turn    sync.Mutex
	closing sync.WaitGroup // policies being closed after they were replaced

	mu       sync.Mutex
	observer ChannelObserver // nil: nobody
	current  *policy
	pending  *policy // is to replace current
	lastErr  error   // of a connection, a health check or the resolver
}

func (b *observed) UpdateClientConnState(s balancer.ClientConnState) error {
	cfg, ok := s.BalancerConfig.(*observedConfig)
	if !ok {
		return fmt.Errorf("%w: %w", errNoChild, balancer.ErrBadResolverState)
	}
	b.adopt(s.ResolverState)
	p := b.latest()
	if p == nil || p.name != cfg.child.Name() {
		p = b.switchTo(cfg.child)
	}
	s.BalancerConfig = cfg.config
	return p.lb.UpdateClientConnState(s)
}

// adopt takes the observer from the state. A state without one, from a resolver that went around Observe,
// does not end the observation.
func (b *observed) adopt(s grpcresolver.State) {
	if mark, ok := s.Attributes.Value(observerKey{}).(*observerMark); ok {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.observer = mark.ChannelObserver
	}
}

func (b *observed) ResolverError(err error) {
	b.mu.Lock()
	b.lastErr = err
	b.mu.Unlock()
	if p := b.latest(); p != nil {
		p.lb.ResolverError(err)
	}
}

// UpdateSubConnState is never called: every SubConn has a listener.
func (b *observed) UpdateSubConnState(balancer.SubConn, balancer.SubConnState) {}

func (b *observed) ExitIdle() {
	if p := b.latest(); p != nil {
		p.lb.ExitIdle()
	}
}

func (b *observed) Close() {
	b.mu.Lock()
	current, pending := b.current, b.pending
	b.current, b.pending = nil, nil
	b.mu.Unlock()
	current.close()
	pending.close()
	b.closing.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tellPicker(PickerUpdate{Time: time.Now(), State: connectivity.Shutdown})
}

// latest is the policy that resolver updates go to.
func (b *observed) latest() *policy {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending != nil {
		return b.pending
	}
	return b.current
}

// switchTo builds the policy that is to take over. A pending one that never did is closed.
func (b *observed) switchTo(builder balancer.Builder) *policy {
	p := &policy{
		ClientConn: b.cc, parent: b, name: builder.Name(), subs: map[*subConn]struct{}{},
		last: balancer.State{ConnectivityState: connectivity.Connecting},
	}
	b.mu.Lock()
	dropped := b.pending
	if b.current == nil {
		b.current = p
	} else {
		b.pending = p
	}
	b.mu.Unlock()
	dropped.close()
	p.lb = builder.Build(p, b.opts)
	return p
}

// update is a policy's new picker. Only the policy in charge reaches the channel; the pending one takes
// charge when it has more to offer, or when the current one has nothing. mu is held.
func (b *observed) update(p *policy, s balancer.State) {
	p.last = s
	switch {
	case p == b.current && (s.ConnectivityState == connectivity.Ready || b.pending == nil):
		b.publish(p)
	case p == b.current:
		b.replace()
	case p == b.pending:
		if s.ConnectivityState != connectivity.Connecting || b.current.last.ConnectivityState != connectivity.Ready {
			b.replace()
		}
	}
}

// replace puts the pending policy in charge. mu is held, so the old one is closed elsewhere.
func (b *observed) replace() {
	old := b.current
	b.current, b.pending = b.pending, nil
	b.publish(b.current)
	b.closing.Go(func() {
		b.turn.Lock()
		defer b.turn.Unlock()
		old.close()
	})
}

// publish gives the channel p's last picker and tells the observer. mu is held.
func (b *observed) publish(p *policy) {
	s := p.last
	if s.Picker != nil {
		s.Picker = picker{s.Picker}
	}
	b.cc.UpdateState(s)
	u := PickerUpdate{Time: time.Now(), State: s.ConnectivityState}
	switch s.ConnectivityState {
	case connectivity.Ready:
		u.Ready = p.ready()
	case connectivity.TransientFailure:
		u.Err = b.lastErr
	}
	b.tellPicker(u)
}

func (b *observed) tellPicker(u PickerUpdate) {
	if b.observer != nil {
		b.observer.PickerUpdated(u)
	}
}

func (b *observed) tellSubchannel(c SubchannelChange) {
	if b.observer != nil {
		b.observer.SubchannelChanged(c)
	}
}

// policy is what a wrapped policy takes for its channel.
type policy struct {
	balancer.ClientConn
	parent *observed
	name   string
	lb     balancer.Balancer

	// guarded by parent.mu
	last balancer.State
	subs map[*subConn]struct{}
}

// inCharge says whether the channel still wants to hear of p. parent.mu is held.
func (p *policy) inCharge() bool { return p == p.parent.current || p == p.parent.pending }

func (p *policy) UpdateState(s balancer.State) {
	p.parent.mu.Lock()
	defer p.parent.mu.Unlock()
	if p.inCharge() {
		p.parent.update(p, s)
	}
}

func (p *policy) ResolveNow(o grpcresolver.ResolveNowOptions) {
	if p == p.parent.latest() {
		p.ClientConn.ResolveNow(o)
	}
}

func (p *policy) RemoveSubConn(sc balancer.SubConn) { sc.Shutdown() }

func (p *policy) UpdateAddresses(sc balancer.SubConn, addrs []grpcresolver.Address) {
	ours, ok := sc.(*subConn)
	if !ok {
		return
	}
	if len(addrs) > 0 {
		ours.addr.Store(&addrs[0].Addr)
	}
	p.ClientConn.UpdateAddresses(ours.SubConn, addrs)
}

func (p *policy) NewSubConn(addrs []grpcresolver.Address, opts balancer.NewSubConnOptions) (balancer.SubConn, error) {
	sc := &subConn{policy: p}
	if len(addrs) > 0 {
		sc.addr.Store(&addrs[0].Addr)
	}
	heard := opts.StateListener
	opts.StateListener = func(s balancer.SubConnState) { sc.changed(s, heard) }
	inner, err := p.ClientConn.NewSubConn(addrs, opts)
	if err != nil {
		return nil, err
	}
	sc.SubConn = inner
	p.parent.mu.Lock()
	defer p.parent.mu.Unlock()
	if !p.inCharge() {
		inner.Shutdown()
		return nil, fmt.Errorf("policy %s was replaced", p.name)
	}
	p.subs[sc] = struct{}{}
	return sc, nil
}

// close ends the policy and every subchannel that it left behind; a nil policy is closed.
func (p *policy) close() {
	if p == nil {
		return
	}
	p.lb.Close()
	p.parent.mu.Lock()
	left := make([]*subConn, 0, len(p.subs))
	for sc := range p.subs {
		left = append(left, sc)
	}
	p.parent.mu.Unlock()
	for _, sc := range left {
		sc.Shutdown()
	}
}

// ready lists the addresses that the last picker may use. endpointsharding, which round_robin and its kin are
// made of, says so itself; for others it is every usable subchannel. parent.mu is held.
func (p *policy) ready() []string {
	picked := readyEndpoints(p.last.Picker)
	addrs := make([]string, 0, len(p.subs))
	for sc := range p.subs {
		if addr := *sc.addr.Load(); sc.usable() && (picked == nil || picked[addr]) {
			addrs = append(addrs, addr)
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}

// readyEndpoints is nil for a picker that does not tell.
func readyEndpoints(p balancer.Picker) map[string]bool {
	children := endpointsharding.ChildStatesFromPicker(p)
	if children == nil {
		return nil
	}
	addrs := make(map[string]bool, len(children))
	for _, child := range children {
		if child.State.ConnectivityState == connectivity.Ready {
			for _, a := range child.Endpoint.Addresses {
				addrs[a.Addr] = true
			}
		}
	}
	return addrs
}
