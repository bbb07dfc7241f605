package load

import (
	"sync/atomic"
	"time"

	"google.golang.org/grpc/connectivity"
	grpcresolver "google.golang.org/grpc/resolver"
)

// ChannelObserver is told what one channel's connections and picker do. Calls come one at a time, in the
// order in which things happened, from within grpc: they must not block and must not use the channel.
type ChannelObserver interface {
	SubchannelChanged(SubchannelChange)
	PickerUpdated(PickerUpdate)
}

// SubchannelChange is one subchannel's step from one state to another. A new subchannel starts IDLE, and the
// last state of each is SHUTDOWN. With client-side health checks a connected subchannel whose replica says
// that it does not serve goes from READY to TRANSIENT_FAILURE and back.
type SubchannelChange struct {
	Time     time.Time
	Addr     string // host:port; the first when a subchannel has several
	From, To connectivity.State
	Err      error // why, when To is TRANSIENT_FAILURE
}

// PickerUpdate is a new picker in place: no call that starts after Time is picked by an older one. When the
// channel closes or goes idle, the last update has the state SHUTDOWN.
type PickerUpdate struct {
	Time  time.Time
	State connectivity.State
	Ready []string // the addresses the picker may use, sorted; empty unless State is READY
	Err   error    // the latest reason, when State is TRANSIENT_FAILURE
}

// Observe makes channels that use b tell o what they do, given that their service config names ObservedPolicy
// (see ServiceConfig). An observer serves one channel; without it ObservedPolicy still records picks.
func Observe(b grpcresolver.Builder, o ChannelObserver) grpcresolver.Builder {
	if o == nil {
		return b
	}
	wrapped := observing{b, &observerMark{o}}
	if a, ok := b.(grpcresolver.AuthorityOverrider); ok {
		return observingAuthority{wrapped, a}
	}
	return wrapped
}

// observerMark is a pointer in the state's attributes, so that comparing attributes works for any observer.
type observerMark struct{ ChannelObserver }

type observerKey struct{}

type observing struct {
	grpcresolver.Builder
	mark *observerMark
}

// observingAuthority keeps the builder's optional interface visible to grpc.
type observingAuthority struct {
	observing
	grpcresolver.AuthorityOverrider
}

func (o observing) Build(target grpcresolver.Target, cc grpcresolver.ClientConn, opts grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	return o.Builder.Build(target, &observedConn{ClientConn: cc, mark: o.mark}, opts)
}

// observedConn passes a resolver's news on, with the observer in the state's attributes.
type observedConn struct {
	grpcresolver.ClientConn
	mark   *observerMark
	stated atomic.Bool
}

func (c *observedConn) UpdateState(s grpcresolver.State) error {
	c.stated.Store(true)
	s.Attributes = s.Attributes.WithValue(observerKey{}, c.mark)
	return c.ClientConn.UpdateState(s)
}

// ReportError tells the observer itself as long as there is no policy to do so: grpc builds one with the
// first state, and until then fails calls with this error.
func (c *observedConn) ReportError(err error) {
	c.ClientConn.ReportError(err)
	if !c.stated.Load() {
		c.mark.PickerUpdated(PickerUpdate{Time: time.Now(), State: connectivity.TransientFailure, Err: err})
	}
}
