package load

import (
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
)

// subConn is a subchannel as a wrapped policy sees it.
type subConn struct {
	balancer.SubConn
	policy *policy
	addr   atomic.Pointer[string] // read by every pick

	// guarded by policy.parent.mu
	raw      connectivity.State // of the connection
	checked  bool               // a health listener decides whether READY means usable
	healthy  bool               // and last said so
	reported connectivity.State // what the observer knows
}

func (sc *subConn) String() string { return fmt.Sprint(sc.SubConn) }

// usable says whether a picker may have the subchannel. parent.mu is held.
func (sc *subConn) usable() bool {
	return sc.raw == connectivity.Ready && (sc.healthy || !sc.checked)
}

// changed notes the connection's new state before the policy can act on it, so that a picker made from it
// finds the subchannel as the policy does.
func (sc *subConn) changed(s balancer.SubConnState, heard func(balancer.SubConnState)) {
	b := sc.policy.parent
	b.turn.Lock()
	defer b.turn.Unlock()
	b.mu.Lock()
	sc.raw, sc.checked, sc.healthy = s.ConnectivityState, false, false
	sc.report(s.ConnectivityState, s.ConnectionError)
	live := sc.policy.inCharge()
	b.mu.Unlock()
	switch {
	case !live:
	case heard != nil:
		heard(s)
	default:
		//lint:ignore SA1019 for a policy that set no StateListener
		sc.policy.lb.UpdateSubConnState(sc, s)
	}
}

// RegisterHealthListener passes on what the replica says of itself, after noting it.
func (sc *subConn) RegisterHealthListener(listener func(balancer.SubConnState)) {
	b := sc.policy.parent
	b.mu.Lock()
	sc.checked, sc.healthy = listener != nil, false
	b.mu.Unlock()
	if listener == nil {
		sc.SubConn.RegisterHealthListener(nil)
		return
	}
	sc.SubConn.RegisterHealthListener(func(s balancer.SubConnState) {
		b.mu.Lock()
		sc.healthChanged(s)
		b.mu.Unlock()
		listener(s)
	})
}

// healthChanged does not report CONNECTING: that the replica has not said yet is no change. parent.mu is held.
func (sc *subConn) healthChanged(s balancer.SubConnState) {
	sc.healthy = s.ConnectivityState == connectivity.Ready
	switch s.ConnectivityState {
	case connectivity.Ready:
		sc.report(connectivity.Ready, nil)
	case connectivity.TransientFailure:
		sc.report(connectivity.TransientFailure, fmt.Errorf("health check: %w", s.ConnectionError))
	}
}

// Shutdown is reported when the policy decides it; the channel's own notice comes later or, when the channel
// closes, never.
func (sc *subConn) Shutdown() {
	b := sc.policy.parent
	b.mu.Lock()
	sc.raw = connectivity.Shutdown
	sc.report(connectivity.Shutdown, nil)
	delete(sc.policy.subs, sc)
	b.mu.Unlock()
	sc.SubConn.Shutdown()
}

// report tells the observer of a step; SHUTDOWN is the last. parent.mu is held.
func (sc *subConn) report(to connectivity.State, err error) {
	from := sc.reported
	if from == to || from == connectivity.Shutdown {
		return
	}
	sc.reported = to
	if err != nil {
		sc.policy.parent.lastErr = err
	}
	sc.policy.parent.tellSubchannel(SubchannelChange{
		Time: time.Now(), Addr: *sc.addr.Load(), From: from, To: to, Err: err,
	})
}
