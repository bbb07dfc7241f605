package resolver

import (
	"log/slog"
	"slices"
	"time"

	"github.com/hashicorp/consul/api"
)

// Option sets a default of a Builder. A target's own parameter wins over an option, an option over the
// environment (CONSUL_HTTP_ADDR and the like), the environment over the built-in default.
type Option func(*Builder)

// TLS names the files, or holds the PEM blocks, for https to the agent. Files are read again when they change.
type TLS struct {
	CAFile, CAPath, CertFile, KeyFile, ServerName string
	CAPEM, CertPEM, KeyPEM                        string
	SkipVerify                                    bool
}

// WithObserver adds an observer.
func WithObserver(o Observer) Option {
	return func(b *Builder) { b.observers = append(b.observers, o) }
}

// WithLogger logs transitions at Info and Warn, everything else at Debug. Nil, the default, is silence.
func WithLogger(log *slog.Logger) Option {
	return func(b *Builder) {
		if log == nil {
			log = slog.New(slog.DiscardHandler)
		}
		b.log = log
	}
}

// WithScheme makes the Builder answer to another scheme than "consul".
func WithScheme(scheme string) Option { return func(b *Builder) { b.scheme = scheme } }

// WithSeed fixes the order and subset of this Builder's instances, which are otherwise random per process.
func WithSeed(seed uint64) Option { return func(b *Builder) { b.seed = seed } }

// WithAddress names the agents to ask: host:port, http(s)://… or unix://…. The first is asked until it cannot be
// reached, then the next.
func WithAddress(agents ...string) Option {
	return func(b *Builder) { b.agents = slices.Clone(agents) }
}

// WithClient asks through client, with its address, token and TLS; the environment is not looked at. The agents
// of a target are refused.
func WithClient(client *api.Client) Option { return func(b *Builder) { b.client = client } }

// WithToken sets the ACL token.
func WithToken(token string) Option { return func(b *Builder) { b.params.Token = token } }

// WithTokenFile reads the ACL token from a file, again whenever the file changes.
func WithTokenFile(path string) Option { return func(b *Builder) { b.tokenFile = path } }

// WithoutURLTokens refuses targets that carry a token or a password: grpc logs targets.
func WithoutURLTokens() Option { return func(b *Builder) { b.refuseSecrets = true } }

// WithBasicAuth sets HTTP basic authentication.
func WithBasicAuth(user, password string) Option {
	return func(b *Builder) { b.user, b.password = user, password }
}

// WithTLS speaks https to the agents.
func WithTLS(t TLS) Option { return func(b *Builder) { b.tls, b.params.TLS = t, true } }

// WithParams sets every parameter's default at once; options after it refine it.
func WithParams(p Params) Option { return func(b *Builder) { b.params = p } }

// WithTags wants instances that carry all tags.
func WithTags(tags ...string) Option { return func(b *Builder) { b.params.Tags = slices.Clone(tags) } }

// WithFilter wants instances that match an expression in Consul's filter language.
func WithFilter(expr string) Option { return func(b *Builder) { b.params.Filter = expr } }

// WithHealth sets the health mode.
func WithHealth(h Health) Option { return func(b *Builder) { b.params.Health = h } }

// WithDatacenters sets the datacenters in order of preference.
func WithDatacenters(dcs ...string) Option {
	return func(b *Builder) { b.params.Datacenters = slices.Clone(dcs) }
}

// WithNamespace sets the namespace (Consul Enterprise).
func WithNamespace(ns string) Option { return func(b *Builder) { b.params.Namespace = ns } }

// WithPartition sets the admin partition (Consul Enterprise).
func WithPartition(p string) Option { return func(b *Builder) { b.params.Partition = p } }

// WithPeer asks for a service imported from a cluster peer.
func WithPeer(peer string) Option { return func(b *Builder) { b.params.Peer = peer } }

// WithNear orders instances by distance to a node, "_agent" for the agent's own.
func WithNear(node string) Option { return func(b *Builder) { b.params.Near = node } }

// WithLimit offers at most n instances.
func WithLimit(n int) Option { return func(b *Builder) { b.params.Limit = max(n, 0) } }

// WithConsistency sets the consistency mode.
func WithConsistency(c Consistency) Option { return func(b *Builder) { b.params.Consistency = c } }

// WithMaxStale lets any server answer that heard from the leader at most d ago. A server that has not is left for
// the next agent, if there are several.
func WithMaxStale(d time.Duration) Option { return func(b *Builder) { b.params.MaxStale = d } }

// WithCached lets the agent answer from its cache.
func WithCached() Option { return func(b *Builder) { b.params.Cached = true } }

// WithWait sets the longest time a query blocks.
func WithWait(d time.Duration) Option { return func(b *Builder) { b.params.Wait = d } }

// WithTimeout sets how late an answer may be.
func WithTimeout(d time.Duration) Option { return func(b *Builder) { b.params.Timeout = d } }

// WithMaxBackoff sets the longest pause between failed queries.
func WithMaxBackoff(d time.Duration) Option { return func(b *Builder) { b.params.MaxBackoff = d } }

// WithPollInterval sets the pause between prepared queries.
func WithPollInterval(d time.Duration) Option { return func(b *Builder) { b.params.PollInterval = d } }

// WithLinger sets how long a watch lives on without a channel; 0 or less ends it with its last channel.
func WithLinger(d time.Duration) Option {
	return func(b *Builder) {
		if d <= 0 {
			d = NoLinger
		}
		b.params.Linger = d
	}
}

// WithAddressChoice sets the preferred kinds of addresses: tagged addresses' names, "service" or "node".
func WithAddressChoice(kinds ...string) Option {
	return func(b *Builder) { b.params.AddressChoice = slices.Clone(kinds) }
}

// WithPort names the port to use, for services with several.
func WithPort(name string) Option { return func(b *Builder) { b.params.Port = name } }

// WithEmpty sets what happens when the last instance leaves; hold matters to EmptyHold only.
func WithEmpty(p EmptyPolicy, hold time.Duration) Option {
	return func(b *Builder) { b.params.Empty, b.params.Hold = p, hold }
}

// WithMinPassing offers unhealthy instances too while fewer than this percentage pass.
func WithMinPassing(percent int) Option {
	return func(b *Builder) { b.params.MinPassing = min(max(percent, 0), 100) }
}

// WithConfigKey takes the channel's service config from a key of Consul's KV store.
func WithConfigKey(key string) Option { return func(b *Builder) { b.params.ConfigKey = key } }
