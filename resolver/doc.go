// Package resolver finds gRPC servers in Consul. It is a name resolver for grpc-go: dial
// "consul://127.0.0.1:8500/web" and the channel follows the healthy instances of the
// service web, as they come, go and change.
//
//	import _ "devstack/resolver"
//
//	conn, err := grpc.NewClient("consul:///web",
//		grpc.WithTransportCredentials(insecure.NewCredentials()),
//		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`))
//
// Importing the package registers the scheme "consul", with defaults. A program that wants
// options calls Register with them before its first channel, or gives a Builder to the
// channels that should use it, which needs no order and allows several Consuls:
//
//	b := resolver.NewBuilder(resolver.WithTokenFile("/run/secrets/consul"), resolver.WithLogger(log))
//	defer b.Close()
//	conn, err := grpc.NewClient("consul://agent:8500/web?tag=v2", grpc.WithResolvers(b), …)
//
// # What to expect
//
// Changes reach the balancer within one blocking query, milliseconds after Consul has them.
// An answer that changes nothing is not passed on, and an edit of tags or meta reconnects
// nothing. All channels of a Builder that ask the same share one query and one connection,
// and a channel that leaves idleness has its list without a round trip, for as long as the
// watch lingers.
//
// Outages: while Consul cannot be asked, the channel keeps the list that it has. A channel
// that has none yet fails its calls with the cause. Queries are retried with backoff and
// jitter, against the next agent if there are several, and never in a hot loop, whatever a
// broken server or proxy answers.
//
// Empty lists: a first answer without instances fails calls with an *EmptyError, which says
// whether the service is unknown, unhealthy (with counts), not matched, hidden by ACLs, or
// whether the agent has lost its leader. Later, when the last instance leaves, the parameter
// empty decides: clear (calls fail at once), keep, or hold=30s. Lists that are empty because of
// ACLs or a lost leader prove nothing and never replace a good one.
//
// No error, event or log line holds a token or a password.
//
// # Targets
//
// A target names agents, a service and parameters: consul://host:port/service?tag=v2. Without
// agents (consul:///service or consul:service) WithAddress counts, then CONSUL_HTTP_ADDR; the
// other CONSUL_ variables count too. A parameter of the target wins over an option, that
// over the environment. Parameters are those of Params; README.md has them as a table.
// ParseTarget checks a target at a program's start, since grpc.NewClient does not.
//
// The ACL token needs service:read on the service and node:read on its nodes; for a service
// config from KV also key:read.
package resolver
