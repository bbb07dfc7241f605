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
// ACLs or a lost leader prove nothing and never replace a good one. Nor, for ten
// seconds, does an empty list of a Consul whose index went back: it has restarted, and its
// services still have to register again.
//
// Old answers: with stale any server may answer, also one that has lost its leader, and that one goes on with what it
// knew last. With max-stale such a server is left for the next agent. Consul says how old its state is with answers
// that did not block, so each blocking query is followed by one of those, at the latest when the last word would be
// too old. Where there is no other agent the list stays as it is, and the error is told.
//
// No error, event or log line holds a token or a password.
//
// # Targets
//
// A target names agents, a service and parameters: consul://host:port/service?tag=v2. Without
// agents (consul:///service or consul:service) WithAddress counts, then CONSUL_HTTP_ADDR; the
// other CONSUL_ variables count too. A parameter of the target wins over an option, that
// over the environment. Parameters are those of Params; they are listed below.
// ParseTarget checks a target at a program's start, since grpc.NewClient does not.
//
// The ACL token needs service:read on the service and node:read on its nodes; for a service
// config from KV also key:read on the key, for a prepared query query:read on its name:
//
//	service "web"    { policy = "read" }
//	node_prefix ""   { policy = "read" }
//	key "grpc/web"   { policy = "read" }
//
// # Parameters
//
// What an instance must be:
//
//	tag=a&tag=b       carry all of these tags
//	filter=EXPR       match an expression of Consul's filter language
//	health=passing    or warning, any, or fallback: everybody while nobody passes
//	healthy=true      is health=passing; false is health=any
//	min-passing=30    percent; while fewer pass, all but those in maintenance are offered
//	limit=20          a stable subset of this size, another one in each process
//	query=NAME        what a prepared query finds, instead of a service
//
// Where to look, and with what right:
//
//	dc=dc1,dc2        datacenters in order of preference; the first that has instances counts
//	ns=team           namespace
//	partition=p1      admin partition
//	peer=other        cluster peer
//	near=_agent       order by distance
//	agent=ADDR        an agent that does not fit the host part, such as unix:///run/consul.sock
//	scheme=https      speak https to the agent
//	insecure=true     do not verify its certificate
//	token=T           ACL token; prefer WithTokenFile, since grpc logs targets
//
// What to dial:
//
//	address=wan,node  preferred kinds of addresses: names of tagged addresses, service, node
//	port=grpc         a named port
//	config-key=K      the service config is the JSON under this key of KV
//
// How to ask:
//
//	stale=true        any server may answer
//	max-stale=5s      any server may, that heard from the leader at most so long ago
//	consistent=true   the leader confirms each answer
//	cached=true       the agent may answer from its cache
//	wait=1m           longest blocking query
//	timeout=10s       how late an answer may be
//	max-backoff=30s   longest pause after failures
//	poll=10s          pause between executions of a prepared query
//	empty=clear       or keep, or hold=30s: when the last instance leaves
//	linger=30s        how long a watch outlives its last channel
//
// # Coming from another resolver
//
// From github.com/mbobakov/grpc-consul-resolver: change the import. Its parameters are
// understood. On purpose, only passing instances are offered by default (there: all, also
// critical ones; health=any brings that back), near is off by default, and an unknown
// parameter is an error. From github.com/simplesurance/grpcconsulresolver: change the import
// and drop the call that registers it; tags=a,b, health=fallbackToUnhealthy, scheme and
// token are understood.
package resolver
