package resolver

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Scheme is the URL scheme this package answers to.
const Scheme = "consul"

// Health says which instances are offered to the balancer.
type Health string

// The health modes. Instances in maintenance are offered by HealthAny only.
const (
	HealthPassing  Health = "passing"  // every check passes (the default)
	HealthWarning  Health = "warning"  // passing or warning
	HealthAny      Health = "any"      // whatever is registered
	HealthFallback Health = "fallback" // passing; all but those in maintenance when none passes
)

// EmptyPolicy says what happens when the last instance leaves.
type EmptyPolicy string

// The empty policies.
const (
	EmptyClear EmptyPolicy = "clear" // tell the balancer: calls fail at once (the default)
	EmptyKeep  EmptyPolicy = "keep"  // keep the last list until there is a new one
	EmptyHold  EmptyPolicy = "hold"  // keep it for Params.Hold, then clear
)

// Consistency is the consistency mode of the queries.
type Consistency string

// The consistency modes, see Consul's documentation of its HTTP interface.
const (
	ConsistencyDefault    Consistency = "default"
	ConsistencyStale      Consistency = "stale"
	ConsistencyConsistent Consistency = "consistent"
)

// NoLinger as Params.Linger ends a watch with its last channel.
const NoLinger time.Duration = -1

// Target is a parsed dial target: which agents to ask, for which service, and how.
type Target struct {
	Agents             []string // host:port, http(s)://… or unix://…; empty means options, then CONSUL_HTTP_ADDR
	Username, Password string   // HTTP basic authentication
	Service            string   // empty when Params.Query is set
	Params
}

// Params is everything a target's query string, or an option, can ask for. The zero value of a field means its default.
type Params struct {
	Tags          []string // an instance must carry all of them
	Filter        string   // expression in Consul's filter language
	Health        Health
	Datacenters   []string // the first one that has instances wins
	Namespace     string
	Partition     string
	Peer          string
	Near          string // order by distance to this node; disables Consul's streaming backend
	Limit         int    // at most this many instances, a different stable subset per process; 0 is all
	Consistency   Consistency
	MaxStale      time.Duration // any server may answer that heard from the leader at most so long ago; 0 is no limit
	Cached        bool          // let the agent answer from its cache
	Wait          time.Duration // longest blocking query, default 1m
	Timeout       time.Duration // how late an answer may be, default 10s
	MaxBackoff    time.Duration // longest pause between failed queries, default 30s
	PollInterval  time.Duration // pause between prepared queries, default 10s
	Linger        time.Duration // how long an unused watch lives on, default 30s; NoLinger for not at all
	Token         string        // ACL token; prefer WithToken or WithTokenFile, a target is logged by grpc
	AddressChoice []string      // preferred address kinds: a tagged address' name, "service" or "node"
	Port          string        // name of the port to use, for services with several
	Empty         EmptyPolicy
	Hold          time.Duration // for EmptyHold, default 30s
	MinPassing    int           // percent; when fewer pass, all but those in maintenance are offered
	Query         string        // name or ID of a prepared query, asked instead of a service
	ConfigKey     string        // KV key that holds the channel's service config as JSON
	TLS           bool          // speak https to the agent
	SkipVerify    bool          // do not verify the agent's certificate
}

// ParseTarget reads a dial target such as "consul://127.0.0.1:8500/web?tag=v2", "consul:///web" or "consul:web".
// Its error is a *TargetError that names the culprit and holds no secret. grpc.NewClient does not look at a
// target before the first call; a program that wants to know at its start calls ParseTarget.
func ParseTarget(s string) (Target, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Target{}, &TargetError{Reason: "is not a URL"} // the parser's text repeats the target
	}
	if u.Scheme != Scheme {
		return Target{}, &TargetError{Target: "scheme " + u.Scheme, Reason: "is not " + Scheme}
	}
	return parseURL(*u, Params{})
}

// parseURL reads u over the defaults in base.
func parseURL(u url.URL, base Params) (Target, error) {
	t := Target{Params: base}
	fail := func(param, reason string) (Target, error) {
		return Target{}, &TargetError{Target: bare(u), Param: param, Reason: reason}
	}
	path := u.Path
	if strings.Contains(u.Opaque, "@") {
		return fail("", "has a user, which comes after //")
	}
	if path == "" {
		var err error
		if path, err = url.PathUnescape(u.Opaque); err != nil {
			return fail("", "has a bad escape in its name")
		}
	}
	t.Service = strings.Trim(path, "/")
	if u.User != nil {
		t.Username = u.User.Username()
		t.Password, _ = u.User.Password()
	}
	t.Agents = list(u.Host)
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return fail("", "has a bad escape in its parameters")
	}
	if err := base.check(); err != nil {
		return Target{}, &TargetError{Reason: err.Error()}
	}
	settles := map[string]string{} // what a parameter decides, to the parameter that did
	for _, key := range slices.Sorted(maps.Keys(values)) {
		p, ok := paramByName[key]
		if !ok {
			return fail(key, "is unknown"+didYouMean(key))
		}
		if err := p.parse(&t, values[key]); err != nil {
			return fail(key, err.Error())
		}
		if other, twice := settles[p.decides(values[key])]; twice {
			return fail(key, fmt.Sprintf("says again what %q has said", other))
		}
		settles[p.decides(values[key])] = key
	}
	if reason := t.check(); reason != "" {
		return fail("", reason)
	}
	return t, nil
}

// check finds what only the whole target shows.
func (t *Target) check() string {
	switch {
	case t.Service == "" && t.Query == "" && len(t.hosts()) > 0:
		return "names no service: what follows // is the agent, and the service comes after another /"
	case t.Service == "" && t.Query == "":
		return "names no service"
	case t.Service != "" && t.Query != "":
		return "names a service and a prepared query; one of them can be asked"
	case len(t.Datacenters) > 1 && t.Query != "":
		return "has a list of datacenters for a prepared query, which has its own failover"
	case t.MaxStale > 0 && t.Consistency == ConsistencyConsistent:
		return "is both consistent and, by max-stale, content with an older answer"
	case t.MaxStale > 0 && t.Cached:
		return "has max-stale for answers from the agent's cache, which does not know how old they are"
	case t.Query != "" && (len(t.Tags) > 0 || t.Filter != "" || t.Peer != ""):
		return "has tag, filter or peer for a prepared query, which has its own"
	}
	return ""
}

// String writes t as a dial target that ParseTarget reads back. It contains the token and password if t does:
// it is for dialling; for people there is Redacted.
func (t Target) String() string {
	u := url.URL{Scheme: Scheme, Path: "/" + t.Service, RawQuery: t.values().Encode()}
	u.Host = strings.Join(t.hosts(), ",")
	if t.Username != "" || t.Password != "" {
		u.User = url.UserPassword(t.Username, t.Password)
	}
	s := u.String()
	if u.Host == "" && u.User == nil && !strings.HasPrefix(s, Scheme+"://") {
		s = Scheme + "://" + strings.TrimPrefix(s, Scheme+":")
	}
	return s
}

// Redacted is String without password and token.
func (t Target) Redacted() string {
	t.Token, t.Password, t.Username = "", "", ""
	t.Agents = slices.Clone(t.Agents)
	for i, a := range t.Agents {
		t.Agents[i] = withoutUser(a)
	}
	return t.String()
}

func (t Target) values() url.Values {
	v := url.Values{}
	for _, p := range params {
		for _, s := range p.print(&t) {
			v.Add(p.name, s)
		}
	}
	return v
}

// hosts is the agents when all of them fit into a URL's authority, alone and together.
func (t Target) hosts() []string {
	misfit := slices.ContainsFunc(t.Agents, func(a string) bool { return !fitsAuthority(a) })
	if misfit || !fitsAuthority(strings.Join(t.Agents, ",")) {
		return nil
	}
	return t.Agents
}

func fitsAuthority(agent string) bool {
	if strings.Contains(agent, "://") {
		return false
	}
	u, err := url.Parse(Scheme + "://" + agent + "/x")
	return err == nil && u.Host == agent && u.User == nil && u.Path == "/x"
}

func withoutUser(agent string) string {
	scheme, rest, ok := strings.Cut(agent, "://")
	if !ok {
		scheme, rest = "", agent
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 && scheme != "unix" {
		rest = rest[at+1:]
	}
	if scheme == "" {
		return rest
	}
	return scheme + "://" + rest
}

// bare is what of a target may be shown: no user, no parameters.
func bare(u url.URL) string {
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	u.Opaque = u.Opaque[strings.LastIndex(u.Opaque, "@")+1:] // a user written in the wrong place
	return u.String()
}

// list splits at commas, dropping what is empty.
func list(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
