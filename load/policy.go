package load

import (
	"fmt"
	"slices"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/connectivity"
	grpcresolver "google.golang.org/grpc/resolver"
)

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
	//lint:ignore SA1019 a wrapper passes on what its policy asks for, also what is going away
	p.ClientConn.UpdateAddresses(ours.SubConn, addrs)
}

func (p *policy) NewSubConn(addrs []grpcresolver.Address, opts balancer.NewSubConnOptions) (balancer.SubConn, error) {
	sc := &subConn{policy: p}
	if len(addrs) > 0 {
		sc.addr.Store(&addrs[0].Addr)
	}
	heard := opts.StateListener
	opts.StateListener = func(s balancer.SubConnState) { sc.changed(s, heard) }
	//lint:ignore SA1019 a wrapper passes on what its policy asks for, also what is going away
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
