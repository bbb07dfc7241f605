package stack

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"devstack/greeter"
	"devstack/load"
	"devstack/timeline"
)

// Config says what to start. Self, Dir and Timeline are required; the zero value of
// everything else is the default that `devstack up` documents.
type Config struct {
	Self     string        // path of the devstack binary, which plays every child
	Dir      string        // run folder; logs and records go here
	Timeline *timeline.Log // where facts are appended
	Log      *slog.Logger  // nil: silence
	Exec     time.Time     // when this program was started, for the time to ready; zero: now

	Dashboard string // URL that shows this stack, for the record; "" for none

	Replicas int     // 0 = DefaultReplicas
	Callers  int     // clients that call the service, each with a channel, a resolver and a load of its own; 0 = 1
	Rate     float64 // RPCs per second of each client; 0 = DefaultRate
	Deadline time.Duration
	Policy   string // one of Policies
	Settings string // of the policy, a JSON object; "" for its own defaults
	Keys     int    // each RPC carries one of so many keys, in rotation; 0: none
	Service  string
	Resolver string // ResolverDevstack or ResolverNaive
	Query    string // parameters for the consul:// target, such as "tag=blue"
	Seed     uint64
	Via      string // ViaDirect, ViaRouter or ViaTCP
	Links    bool   // put a link that faults can break before every replica, its check, and into the client

	Herd    HerdConfig
	Check   greeter.CheckConfig
	Checks  []greeter.CheckKind // kinds for the replicas in rotation, instead of Check.Kind for all
	Replica ReplicaConfig
	Channel ChannelConfig
	Consul  ConsulConfig
}

// ConsulConfig says which Consul to use. The zero value is the one that is linked in.
type ConsulConfig struct {
	Servers     int    // per datacenter; 0 = 1
	Clients     int    // client agents per datacenter, with which replicas then register
	Datacenters int    // 0 = 1; each has its own servers, clients and replicas
	Profile     string // ProfileDev or ProfileLAN; "" = ProfileDev
	Home        string // whom the client asks: one of Homes; "" = HomeClient
	ACL         bool   // deny by default; each part gets a token with just its rights
	TLS         bool   // the HTTP API speaks https only, with a certificate of an authority of the stack's own

	HTTPMaxConns int // connections to an agent's HTTP API that one address may have open; 0 = DefaultHTTPMaxConns

	HTTPPort int    // 0: 8500 when it is free, else any; otherwise this one or an error
	Bin      string // run this program instead of the one linked in
	Addr     string // use this agent and start none
	Token    string // for Addr; never logged
}

// Over is c, with what it leaves open of the cluster's shape taken from under.
func (c ConsulConfig) Over(under ConsulConfig) ConsulConfig {
	c.Servers = cmp.Or(c.Servers, under.Servers)
	c.Clients = cmp.Or(c.Clients, under.Clients)
	c.Datacenters = cmp.Or(c.Datacenters, under.Datacenters)
	c.Profile = cmp.Or(c.Profile, under.Profile)
	c.Home = cmp.Or(c.Home, under.Home)
	c.HTTPMaxConns = cmp.Or(c.HTTPMaxConns, under.HTTPMaxConns)
	c.ACL, c.TLS = c.ACL || under.ACL, c.TLS || under.TLS
	return c
}

// ChannelConfig is what the client's channel does beyond balancing. The zero value is
// grpc's own default: fail fast, no retries, no health checking by the client.
type ChannelConfig struct {
	Attempts     int  // of one RPC, when it ends UNAVAILABLE; 0 and 1: no retry policy
	Throttle     bool // stop retrying while most attempts fail
	WaitForReady bool
	HealthCheck  bool          // watch grpc.health.v1 on each connection
	IdleTimeout  time.Duration // 0: grpc's 30 minutes
	Keepalive    time.Duration // ping a connection that has been silent for so long; 0: never; grpc's floor is 10 s

	KeepaliveTimeout time.Duration // for the answer; 0: grpc's 20 s
}

// ReplicaConfig is what every replica is told, beyond its check.
type ReplicaConfig struct {
	StopOrder     greeter.StopOrder
	Settle        time.Duration // between deregistering and GOAWAY
	Drain         time.Duration
	WarmUp        time.Duration
	RegisterFirst bool
	Capacity      greeter.Capacity
	MaxAge        time.Duration
	MaxAgeGrace   time.Duration
	Tags          []string
	WeightsInTurn []int    // Consul's weight of each replica, in rotation; nil: 1 for all
	TagsInTurn    []string // one tag for each replica, in rotation; instead of Tags
	Register      string   // RegisterSelf or RegisterAgent
	FixedID       string   // every replica registers under this ID: the duplicate-id lesson
	FreshID       bool     // every process registers under an ID of its own: the crash-loop lesson
}

// The defaults, and the limits.
const (
	DefaultReplicas = 3
	MaxReplicas     = 10000
	DefaultRate     = 30
	MaxRate         = 50000
	DefaultDeadline = time.Second
	DefaultPolicy   = "round_robin"
	DefaultService  = greeter.DefaultService
	DefaultSettle   = 100 * time.Millisecond

	// DefaultHTTPMaxConns is ten times Consul's own default: a lesson restarts one and the
	// same agent many times from one address.
	DefaultHTTPMaxConns = 2000

	ResolverDevstack = "devstack"
	ResolverNaive    = "naive"
	ResolverDNS      = "dns"
)

// Resolvers lists the resolvers that a stack's client may be given.
func Resolvers() []string { return []string{ResolverDevstack, ResolverNaive, ResolverDNS} }

// Policies lists the balancing policies that a stack's client may be given.
func Policies() []string {
	return load.Policies()
}

func (c Config) withDefaults() Config {
	c.Replicas = cmp.Or(c.Replicas, DefaultReplicas)
	c.Callers = cmp.Or(c.Callers, 1)
	c.Rate = cmp.Or(c.Rate, DefaultRate)
	c.Deadline = cmp.Or(c.Deadline, DefaultDeadline)
	c.Via = cmp.Or(c.Via, ViaDirect)
	if c.Via != ViaDirect { // one address leaves nothing to balance
		c.Policy = cmp.Or(c.Policy, "pick_first")
	}
	c.Policy = cmp.Or(c.Policy, DefaultPolicy)
	c.Service = cmp.Or(c.Service, DefaultService)
	c.Resolver = cmp.Or(c.Resolver, ResolverDevstack)
	c.Consul.Servers = cmp.Or(c.Consul.Servers, 1)
	c.Consul.Datacenters = cmp.Or(c.Consul.Datacenters, 1)
	c.Consul.Profile = cmp.Or(c.Consul.Profile, ProfileDev)
	c.Consul.Home = cmp.Or(c.Consul.Home, HomeClient)
	c.Consul.HTTPMaxConns = cmp.Or(c.Consul.HTTPMaxConns, DefaultHTTPMaxConns)
	c.Herd.Watch = cmp.Or(c.Herd.Watch, HerdShared)
	c.Replica.Register = cmp.Or(c.Replica.Register, RegisterSelf)
	c.Check.Kind = cmp.Or(c.Check.Kind, greeter.CheckGRPC)
	c.Check.Interval = cmp.Or(c.Check.Interval, greeter.DefaultInterval)
	c.Check.Timeout = cmp.Or(c.Check.Timeout, greeter.DefaultCheckTimeout)
	c.Check.TTL = cmp.Or(c.Check.TTL, greeter.DefaultTTL)
	c.Replica.Settle = cmp.Or(c.Replica.Settle, DefaultSettle)
	if c.Exec.IsZero() {
		c.Exec = time.Now()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// ErrConfig marks errors of a Config: nothing was started, and asking again is useless.
var ErrConfig = errors.New("invalid setting")

// Validate names everything that is wrong with c; each error is an ErrConfig.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrConfig}, args...)...))
	}
	if c.Replicas < 1 || c.Replicas > MaxReplicas {
		bad("replicas: %d is not in 1 to %d", c.Replicas, MaxReplicas)
	}
	if c.Callers < 1 || c.Callers > MaxCallers {
		bad("callers: %d is not in 1 to %d", c.Callers, MaxCallers)
	}
	if c.Herd.Channels < 0 || c.Herd.Channels > MaxHerd {
		bad("herd: %d is not in 0 to %d", c.Herd.Channels, MaxHerd)
	}
	if !slices.Contains(HerdWatches(), c.Herd.Watch) {
		bad("herd_watch: unknown %q (have %v)", c.Herd.Watch, HerdWatches())
	}
	if math.IsNaN(c.Rate) || c.Rate <= 0 || c.Rate > MaxRate {
		bad("rate: %v RPC/s is not in (0, %d]", c.Rate, MaxRate)
	}
	if !slices.Contains(Policies(), c.Policy) {
		bad("policy: unknown %q (have %v)", c.Policy, Policies())
	}
	if !slices.Contains(greeter.CheckKinds(), c.Check.Kind) {
		bad("check: unknown %q (have %v)", c.Check.Kind, greeter.CheckKinds())
	}
	for _, kind := range c.Checks {
		if !slices.Contains(greeter.CheckKinds(), kind) {
			bad("checks: unknown %q (have %v)", kind, greeter.CheckKinds())
		}
	}
	if c.Check.Interval < time.Second {
		bad("interval: Consul runs checks no more often than every second, not every %s", c.Check.Interval)
	}
	if c.Check.Timeout <= 0 || c.Deadline <= 0 {
		bad("timeouts must be positive: check timeout %s, deadline %s", c.Check.Timeout, c.Deadline)
	}
	if !slices.Contains(Resolvers(), c.Resolver) {
		bad("resolver: unknown %q (have %v)", c.Resolver, Resolvers())
	}
	if c.Links && c.Replica.Register == RegisterAgent {
		bad("links: the registrar registers processes, not the links before them")
	}
	if c.Resolver != ResolverDevstack && (c.Consul.ACL || c.Consul.TLS) {
		bad("resolver: %s knows neither tokens nor https", c.Resolver)
	}
	if _, err := c.serviceConfig(); err != nil && slices.Contains(Policies(), c.Policy) {
		bad("policy: %w", err)
	}
	for _, w := range c.Replica.WeightsInTurn {
		if w < 1 || w > 65535 {
			bad("weights: %d is not in 1 to 65535", w)
		}
	}
	errs = append(errs, c.Consul.Validate(), c.validateStyle())
	return errors.Join(errs...)
}

// validateStyle names what is wrong with the styles of registration and discovery.
func (c Config) validateStyle() error {
	var errs []error
	if !slices.Contains(Vias(), c.Via) {
		errs = append(errs, fmt.Errorf("%w: via: unknown %q (have %v)", ErrConfig, c.Via, Vias()))
	}
	if c.Via != ViaDirect && c.Policy != "pick_first" {
		errs = append(errs, fmt.Errorf("%w: via %s: the client has one address, so its policy is pick_first, not %s", ErrConfig, c.Via, c.Policy))
	}
	if c.Resolver == ResolverDNS && c.Consul.Addr != "" {
		errs = append(errs, fmt.Errorf("%w: resolver dns needs a Consul of our own, whose DNS port is known", ErrConfig))
	}
	switch c.Replica.Register {
	case RegisterSelf:
	case RegisterAgent:
		if c.Check.Kind != greeter.CheckGRPC && c.Check.Kind != greeter.CheckTCP || len(c.Checks) > 0 || c.Replica.FixedID != "" || c.Replica.FreshID {
			errs = append(errs, fmt.Errorf("%w: register agent: the registrar knows only the checks grpc and tcp, and names as IDs", ErrConfig))
		}
	default:
		errs = append(errs, fmt.Errorf("%w: register: unknown %q (have [%s %s])", ErrConfig, c.Replica.Register, RegisterSelf, RegisterAgent))
	}
	return errors.Join(errs...)
}

// Validate names what is wrong with c, as an ErrConfig.
func (c ConsulConfig) Validate() error {
	if err := c.validateCluster(); err != nil {
		return err
	}
	if c.HTTPMaxConns < 0 {
		return fmt.Errorf("%w: http_max_conns: %d is negative", ErrConfig, c.HTTPMaxConns)
	}
	if c.HTTPPort < 0 || c.HTTPPort > 65535 {
		return fmt.Errorf("%w: http-port: %d is not a port", ErrConfig, c.HTTPPort)
	}
	if c.Bin != "" && c.Addr != "" {
		return fmt.Errorf("%w: consul-bin and consul-addr exclude each other", ErrConfig)
	}
	if c.Addr != "" {
		if _, _, err := net.SplitHostPort(c.Addr); err != nil {
			return fmt.Errorf("%w: consul-addr: %q is not host:port", ErrConfig, c.Addr)
		}
	}
	if c.Bin != "" {
		if _, err := exec.LookPath(c.Bin); err != nil {
			return fmt.Errorf("%w: consul-bin: %w", ErrConfig, err)
		}
	}
	return nil
}

// validateCluster takes zero for the default, as Validate does.
func (c ConsulConfig) validateCluster() error {
	if c.Servers < 0 || c.Servers > MaxServers {
		return fmt.Errorf("%w: servers: %d is not in 1 to %d", ErrConfig, c.Servers, MaxServers)
	}
	if c.Clients < 0 || c.Clients > MaxClients {
		return fmt.Errorf("%w: clients: %d is not in 0 to %d", ErrConfig, c.Clients, MaxClients)
	}
	if c.Datacenters < 0 || c.Datacenters > MaxDatacenters {
		return fmt.Errorf("%w: datacenters: %d is not in 1 to %d", ErrConfig, c.Datacenters, MaxDatacenters)
	}
	if c.Profile != "" && !slices.Contains(Profiles(), c.Profile) {
		return fmt.Errorf("%w: profile: unknown %q (have %v)", ErrConfig, c.Profile, Profiles())
	}
	if c.Home != "" && !slices.Contains(Homes(), c.Home) {
		return fmt.Errorf("%w: home: unknown %q (have %v)", ErrConfig, c.Home, Homes())
	}
	if c.Addr != "" && (c.Servers > 1 || c.Clients > 0 || c.Datacenters > 1 || c.ACL || c.TLS) {
		return fmt.Errorf("%w: consul-addr is one agent that somebody else runs; servers, clients, datacenters, acl and tls are for a Consul of our own", ErrConfig)
	}
	if c.ACL && c.Datacenters > 1 {
		return fmt.Errorf("%w: acl: tokens are not replicated, so there is one datacenter only, not %d", ErrConfig, c.Datacenters)
	}
	return nil
}

// prepare makes the run folder ready to be written to.
func (c Config) prepare() error {
	dir := filepath.Join(c.Dir, timeline.LogsDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the run folder: %w", err)
	}
	return nil
}

func (c Config) logPath(name string) string {
	return filepath.Join(c.Dir, timeline.LogsDir, name+".log")
}

// Resolved is c with every default filled in.
func (c Config) Resolved() Config { return c.withDefaults() }
