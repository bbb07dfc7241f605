package scenarios

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"devstack/greeter"
	mistyped "devstack/internal/nearest"
	"devstack/stack"
)

// setting is one knob of the stack that a scenario's topology and load blocks, and --set,
// can turn.
type setting struct {
	name, about string
	apply       func(c *stack.Config, text string) error
}

func settingList() []setting {
	return []setting{
		{"replicas", "number of greeter processes", countTo(func(c *stack.Config) *int { return &c.Replicas })},
		{"check", "grpc, ttl, http, tcp or none", wordTo(func(c *stack.Config) *greeter.CheckKind { return &c.Check.Kind })},
		{"checks", "kinds for the replicas in rotation, such as grpc,http,tcp,ttl; instead of check", func(c *stack.Config, v string) error {
			c.Checks = nil
			for kind := range strings.SplitSeq(v, ",") {
				c.Checks = append(c.Checks, greeter.CheckKind(strings.TrimSpace(kind)))
			}
			return nil
		}},
		{"interval", "between health checks", spanTo(func(c *stack.Config) *time.Duration { return &c.Check.Interval })},
		{"timeout", "of one health check", spanTo(func(c *stack.Config) *time.Duration { return &c.Check.Timeout })},
		{"ttl", "of a ttl check", spanTo(func(c *stack.Config) *time.Duration { return &c.Check.TTL })},
		{"deregister_after", "Consul drops a critical entry after this", durationTo(func(c *stack.Config) *time.Duration { return &c.Check.DeregisterAfter })},
		{"failures_before_critical", "failed checks in a row before it counts", intTo(func(c *stack.Config) *int { return &c.Check.FailuresBeforeCritical })},
		{"success_before_passing", "passed checks in a row before it counts", intTo(func(c *stack.Config) *int { return &c.Check.SuccessBeforePassing })},
		{"initial_status", "of the check at registration", wordTo(func(c *stack.Config) *string { return &c.Check.InitialStatus })},
		{"stop", "order of a replica's end: graceful, without-deregister, hard", func(c *stack.Config, v string) (err error) {
			c.Replica.StopOrder, err = greeter.ParseStopOrder(v)
			return err
		}},
		{"settle", "between deregistering and draining", spanTo(func(c *stack.Config) *time.Duration { return &c.Replica.Settle })},
		{"drain", "limit for calls in flight of a stopping replica", spanTo(func(c *stack.Config) *time.Duration { return &c.Replica.Drain })},
		{"warm_up", "time before a new replica answers", durationTo(func(c *stack.Config) *time.Duration { return &c.Replica.WarmUp })},
		{"register_first", "register before the warm-up", boolTo(func(c *stack.Config) *bool { return &c.Replica.RegisterFirst })},
		{"handlers", "greetings that a replica works on at the same time; 0 is no bound", intTo(func(c *stack.Config) *int { return &c.Replica.Capacity.Handlers })},
		{"service_time", "of work for each greeting", durationTo(func(c *stack.Config) *time.Duration { return &c.Replica.Capacity.ServiceTime })},
		{"queue", "greetings that may wait for a handler, one more is RESOURCE_EXHAUSTED; 0 is no bound", intTo(func(c *stack.Config) *int { return &c.Replica.Capacity.Queue })},
		{"max_age", "MaxConnectionAge of replicas", durationTo(func(c *stack.Config) *time.Duration { return &c.Replica.MaxAge })},
		{"max_age_grace", "for calls on a connection that got too old", spanTo(func(c *stack.Config) *time.Duration { return &c.Replica.MaxAgeGrace })},
		{"same_id", "every replica registers under this one ID", func(c *stack.Config, v string) error { c.Replica.FixedID = v; return nil }},
		{"id", "service IDs: stable, or fresh for every process that starts", func(c *stack.Config, v string) error {
			if c.Replica.FreshID = v == "fresh"; !c.Replica.FreshID && v != "stable" {
				return fmt.Errorf("have stable and fresh")
			}
			return nil
		}},
		{"servers", "Consul servers per datacenter", countTo(func(c *stack.Config) *int { return &c.Consul.Servers })},
		{"clients", "Consul client agents per datacenter; replicas register with them", intTo(func(c *stack.Config) *int { return &c.Consul.Clients })},
		{"home", "agent that the client asks: client (if there is one), server, or follower (a server that does not lead, then the others)", wordTo(func(c *stack.Config) *string { return &c.Consul.Home })},
		{"datacenters", "joined over WAN gossip", countTo(func(c *stack.Config) *int { return &c.Consul.Datacenters })},
		{"profile", "of gossip and Raft timings: dev or lan", wordTo(func(c *stack.Config) *string { return &c.Consul.Profile })},
		{"links", "links that faults can break stand between client, checks and replicas, and between Consul agents", boolTo(func(c *stack.Config) *bool { return &c.Links })},
		{"keepalive", "the client pings a silent connection after this; 0s is never", durationTo(func(c *stack.Config) *time.Duration { return &c.Channel.Keepalive })},
		{"keepalive_timeout", "for the answer to such a ping", spanTo(func(c *stack.Config) *time.Duration { return &c.Channel.KeepaliveTimeout })},
		{"acl", "Consul denies by default, and each part has a token with just its rights", boolTo(func(c *stack.Config) *bool { return &c.Consul.ACL })},
		{"tls", "Consul's API speaks https only", boolTo(func(c *stack.Config) *bool { return &c.Consul.TLS })},
		{"query", "parameters of the consul:// target", func(c *stack.Config, v string) error {
			c.Query = v
			_, err := url.ParseQuery(v)
			return err
		}},
		{"tags", "one tag for each replica, in rotation, such as blue,green", func(c *stack.Config, v string) error { c.Replica.TagsInTurn = strings.Split(v, ","); return nil }},
		{"register", "who registers a replica: self, or agent for a registrar that uses the agent's API", wordTo(func(c *stack.Config) *string { return &c.Replica.Register })},
		{"via", "what is between client and replicas: direct, router (of RPCs) or tcp (of connections)", wordTo(func(c *stack.Config) *string { return &c.Via })},
		{"resolver", "devstack, naive or dns", wordTo(func(c *stack.Config) *string { return &c.Resolver })},
		{"callers", "clients that call the service, each with a channel, a resolver and a load of its own", countTo(func(c *stack.Config) *int { return &c.Callers })},
		{"herd", "channels that watch the service beside the clients and make no calls", intTo(func(c *stack.Config) *int { return &c.Herd.Channels })},
		{"herd_watch", "of the herd: shared, or own for one each", wordTo(func(c *stack.Config) *string { return &c.Herd.Watch })},
		{"http_max_conns", "connections to a Consul agent's HTTP API that one address may have open", countTo(func(c *stack.Config) *int { return &c.Consul.HTTPMaxConns })},
		{"rate", "offered RPCs per second of each client", rateTo(func(c *stack.Config) *float64 { return &c.Rate })},
		{"deadline", "of each RPC", spanTo(func(c *stack.Config) *time.Duration { return &c.Deadline })},
		{"keys", "the calls carry so many keys, in rotation; 0 is none", intTo(func(c *stack.Config) *int { return &c.Keys })},
		{"policy", "balancing policy", wordTo(func(c *stack.Config) *string { return &c.Policy })},
		{"policy_config", "of the policy, a JSON object", func(c *stack.Config, v string) error { c.Settings = v; return nil }},
		{"weights", "Consul's weight of each replica, in rotation, such as 1,2,4", func(c *stack.Config, v string) error {
			c.Replica.WeightsInTurn = nil
			for text := range strings.SplitSeq(v, ",") {
				w, err := strconv.Atoi(strings.TrimSpace(text))
				if err != nil {
					return fmt.Errorf("not whole numbers such as 1,2,4")
				}
				c.Replica.WeightsInTurn = append(c.Replica.WeightsInTurn, w)
			}
			return nil
		}},
		{"attempts", "of one RPC that ends UNAVAILABLE; 1 is no retry", countTo(func(c *stack.Config) *int { return &c.Channel.Attempts })},
		{"throttle", "retry throttling", boolTo(func(c *stack.Config) *bool { return &c.Channel.Throttle })},
		{"wait_for_ready", "RPCs wait for a connection", boolTo(func(c *stack.Config) *bool { return &c.Channel.WaitForReady })},
		{"health_check", "the client watches grpc.health.v1 itself", boolTo(func(c *stack.Config) *bool { return &c.Channel.HealthCheck })},
		{"idle_timeout", "of the client's channel", spanTo(func(c *stack.Config) *time.Duration { return &c.Channel.IdleTimeout })},
	}
}

// Settings describes every knob by name.
func Settings() map[string]string {
	m := map[string]string{}
	for _, s := range settingList() {
		m[s.name] = s.about
	}
	return m
}

// configure applies settings by name to the defaults. An unknown one is an error that
// proposes the nearest.
func configure(values map[string]string) (stack.Config, error) {
	c := stack.Config{Rate: 200}
	known := settingList()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(known, func(s setting) bool { return s.name == name })
		if i < 0 {
			return c, fmt.Errorf("%w: unknown setting %q%s", stack.ErrConfig, name, nearest(name, slices.Collect(maps.Keys(Settings()))))
		}
		if err := known[i].apply(&c, values[name]); err != nil {
			return c, fmt.Errorf("%w: setting %s = %q: %w", stack.ErrConfig, name, values[name], err)
		}
	}
	return c, c.Validate()
}

// Validate says whether the scenario can be set up with set on top of its own settings.
func (s *Scenario) Validate(set map[string]string) error {
	_, err := configure(s.Resolve(set))
	return err
}

// ParseSet reads k=v pairs as --set gives them.
func ParseSet(pairs []string) (map[string]string, error) {
	m := map[string]string{}
	for _, p := range pairs {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			return nil, fmt.Errorf("%q is not name=value", p)
		}
		if _, known := Settings()[k]; !known {
			return nil, fmt.Errorf("unknown setting %q%s", k, nearest(k, slices.Collect(maps.Keys(Settings()))))
		}
		m[k] = v
	}
	return m, nil
}

// nearest is a suggestion to put behind an error, empty when nothing is near.
func nearest(typed string, names []string) string {
	best, ok := mistyped.Of(typed, names)
	if !ok {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

func intTo(at func(*stack.Config) *int) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Errorf("not a whole number")
		}
		*at(c) = n
		return nil
	}
}

// countTo is intTo where nothing is nonsense: a stack would take zero for its own default.
func countTo(at func(*stack.Config) *int) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("not a whole number from 1 on")
		}
		*at(c) = n
		return nil
	}
}

func rateTo(at func(*stack.Config) *float64) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n > 0) {
			return fmt.Errorf("not a number above 0")
		}
		*at(c) = n
		return nil
	}
}

// wordTo is for words of which there is always one.
func wordTo[T ~string](at func(*stack.Config) *T) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		if text == "" {
			return fmt.Errorf("a word is missing")
		}
		*at(c) = T(text)
		return nil
	}
}

func durationTo(at func(*stack.Config) *time.Duration) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("not a duration such as 500ms or 2s")
		}
		*at(c) = d
		return nil
	}
}

// spanTo is durationTo where no time at all is nonsense, or would be taken for the default.
func spanTo(at func(*stack.Config) *time.Duration) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return fmt.Errorf("not a duration above 0 such as 500ms or 2s")
		}
		*at(c) = d
		return nil
	}
}

func boolTo(at func(*stack.Config) *bool) func(*stack.Config, string) error {
	return func(c *stack.Config, text string) error {
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("not true or false")
		}
		*at(c) = b
		return nil
	}
}
