package load

import (
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/balancer"
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
