// Package modulo is the hashing policy that one writes first: the hash of a call's key, modulo the number of
// replicas. It is here for the lesson that it teaches beside grpc's ring_hash. Importing it registers the policy,
// as grpc's own policies do; a channel chooses it by its service config:
//
//	{"loadBalancingConfig": [{"modulo_hash": {"requestHashHeader": "user-id"}}]}
//
// A key always goes to the same replica, as long as the same replicas are ready. When one of N goes or comes, the
// divisor changes, and with it the replica of (N−1)/N of all keys, wherever they were before. A call without the
// header goes to a random replica. While none is ready calls wait, or fail, as under round_robin.
package modulo

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/balancer/pickfirst"
	"google.golang.org/grpc/serviceconfig"
)

// Name is what a service config calls the policy.
const Name = "modulo_hash"

func init() { balancer.Register(builder{}) }

type builder struct{}

func (builder) Name() string { return Name }

func (builder) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	out := &channel{ClientConn: cc}
	return &policy{out, endpointsharding.NewBalancer(out, opts, balancer.Get(pickfirst.Name).Build, endpointsharding.Options{})}
}

// config has the name that ring_hash gives the same setting.
type config struct {
	serviceconfig.LoadBalancingConfig `json:"-"`
	Header                            string `json:"requestHashHeader"`
}

func (builder) ParseConfig(js json.RawMessage) (serviceconfig.LoadBalancingConfig, error) {
	var c config
	if err := json.Unmarshal(js, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	if c.Header == "" {
		return nil, errors.New(Name + ": no requestHashHeader to look at")
	}
	c.Header = strings.ToLower(c.Header)
	return &c, nil
}

// policy is one pick_first per endpoint; channel decides among them.
type policy struct {
	channel *channel
	balancer.Balancer
}

func (p *policy) UpdateClientConnState(s balancer.ClientConnState) error {
	c, ok := s.BalancerConfig.(*config)
	if !ok {
		return fmt.Errorf("%s: no configuration: %w", Name, balancer.ErrBadResolverState)
	}
	p.channel.header.Store(&c.Header)
	return p.Balancer.UpdateClientConnState(balancer.ClientConnState{
		ResolverState: pickfirst.EnableHealthListener(s.ResolverState),
	})
}
