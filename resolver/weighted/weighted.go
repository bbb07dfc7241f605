// Package weighted is a grpc balancing policy that gives each instance the share of calls that its weight asks
// for. Importing it registers the policy, as grpc's own policies do; a channel chooses it by its service config:
//
//	import _ "devstack/resolver/weighted"
//
//	grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"consul_weighted_round_robin":{}}]}`)
//
// Weights come with the endpoints, as package resolver sets them from Consul's Weights (passing or warning, by
// the instance's status); any resolver that uses grpc's experimental/balancer/weight will do. A weight that is
// missing counts as 1. The policy has no settings.
//
// With weights 1, 2 and 5, any 8 calls in a row that nothing interrupts go 1, 2 and 5 times to the three, and
// the five are spread out, not bunched. Only instances with a working connection take part: while one is gone
// the others share by their own weights. While none is ready calls wait, or fail, as under round_robin.
//
// A change of weight opens and closes no connection. Shares are exact while the ready weights, divided by their
// greatest common divisor, add up to 16384 at most; beyond that they are rounded to about that many parts, and
// the smallest get at least one part.
//
// Client-side health checks and outlier detection work as under round_robin. grpc has a policy named
// weighted_round_robin too, but that one goes by load reports of the servers, which Consul knows nothing about.
package weighted

import (
	"math/rand/v2"
	"sync/atomic"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/balancer/pickfirst"
	"google.golang.org/grpc/connectivity"
)

// Name is what a service config calls the policy.
const Name = "consul_weighted_round_robin"

func init() { balancer.Register(builder{}) }

type builder struct{}

func (builder) Name() string { return Name }

func (builder) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	out := &channel{ClientConn: cc}
	out.calls.Store(uint64(rand.Uint32()))
	return &policy{endpointsharding.NewBalancer(out, opts, balancer.Get(pickfirst.Name).Build, endpointsharding.Options{})}
}

// policy is one pick_first per endpoint; channel decides among them.
type policy struct{ balancer.Balancer }

func (p *policy) UpdateClientConnState(s balancer.ClientConnState) error {
	return p.Balancer.UpdateClientConnState(balancer.ClientConnState{
		ResolverState: pickfirst.EnableHealthListener(s.ResolverState),
	})
}

// channel puts a weighted picker in the place of the even one.
type channel struct {
	balancer.ClientConn
	calls atomic.Uint64 // survives a change of pickers, so that a cycle goes on where it was
}

func (c *channel) UpdateState(s balancer.State) {
	if s.ConnectivityState == connectivity.Ready {
		s.Picker = newPicker(endpointsharding.ChildStatesFromPicker(s.Picker), &c.calls)
	}
	c.ClientConn.UpdateState(s)
}
