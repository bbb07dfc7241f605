package load

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/serviceconfig"
)

// ObservedPolicy is the name of the balancing policy that wraps another one and changes nothing about it:
//
//	{"devstack_observed": {"childPolicy": [{"round_robin": {}}]}}
//
// The first policy in childPolicy that this program knows is used. Another one in a later service config
// takes over as it would without the wrapper: once it has a connection, or the old one has none.
const ObservedPolicy = "devstack_observed"

// grpc keeps policies in a map without a lock that may only be written before main starts, so this
// registration cannot wait for someone to ask for it.
func init() { balancer.Register(observedBuilder{}) }

type observedBuilder struct{}

func (observedBuilder) Name() string { return ObservedPolicy }

func (observedBuilder) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	return &observed{cc: cc, opts: opts}
}

type observedConfig struct {
	serviceconfig.LoadBalancingConfig
	child  balancer.Builder
	config serviceconfig.LoadBalancingConfig
}

func (observedBuilder) ParseConfig(js json.RawMessage) (serviceconfig.LoadBalancingConfig, error) {
	var cfg struct {
		ChildPolicy []map[string]json.RawMessage `json:"childPolicy"`
	}
	if err := json.Unmarshal(js, &cfg); err != nil {
		return nil, fmt.Errorf("%s: %w", ObservedPolicy, err)
	}
	for i, candidate := range cfg.ChildPolicy {
		if len(candidate) != 1 {
			return nil, fmt.Errorf("%s: childPolicy[%d] names %d policies, want 1", ObservedPolicy, i, len(candidate))
		}
		for name, raw := range candidate {
			if child := balancer.Get(name); child != nil {
				return parseChild(child, raw)
			}
		}
	}
	return nil, fmt.Errorf("%s: childPolicy names no known policy", ObservedPolicy)
}

func parseChild(child balancer.Builder, raw json.RawMessage) (serviceconfig.LoadBalancingConfig, error) {
	cfg := &observedConfig{child: child}
	parser, ok := child.(balancer.ConfigParser)
	if !ok {
		return cfg, nil
	}
	var err error
	if cfg.config, err = parser.ParseConfig(raw); err != nil {
		return nil, fmt.Errorf("%s: policy %s: %w", ObservedPolicy, child.Name(), err)
	}
	return cfg, nil
}

var errNoChild = errors.New(ObservedPolicy + ": no child policy")
