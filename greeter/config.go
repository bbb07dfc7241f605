package greeter

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc/keepalive"
)

// Config says what one replica is. Listener and Name are required; the zero value of everything else
// is a replica that stops gracefully and, given a Consul client, has a gRPC check every second.
type Config struct {
	Name    string // replica name, in every answer
	ID      string // Consul service ID, "" = Name; two replicas with one ID overwrite each other
	Service string // Consul service name, "" = DefaultService

	// Listener is where the replica serves. Run closes it; when New fails it stays the caller's.
	Listener net.Listener
	// Advertise is the host:port to register when that is not the listener's own.
	Advertise string

	Consul  *api.Client // nil: the replica registers nowhere
	Check   CheckConfig
	Tags    []string
	Meta    map[string]string
	Weights *api.AgentWeights // nil: Consul's default, 1 and 1

	// WarmUp is how long after Run began greetings are answered UNAVAILABLE and health says NOT_SERVING.
	WarmUp time.Duration
	// RegisterFirst registers before the warm-up instead of after it: the wrong order, for the lesson.
	RegisterFirst bool

	Capacity Capacity

	StopOrder StopOrder
	// Settle is the time between deregistering and the first GOAWAY, in which resolvers hear of it.
	Settle time.Duration
	// Drain is how long calls in flight may take to end once stopping; 0 = DefaultDrain.
	Drain time.Duration

	MaxConnectionAge      time.Duration // 0 = for ever
	MaxConnectionAgeGrace time.Duration // 0 = for ever
	KeepaliveEnforcement  keepalive.EnforcementPolicy

	Log     *slog.Logger // nil: silence
	OnEvent func(Event)  // nil: nobody; called from the replica's own goroutines, must not block
}

// Defaults for what a Config leaves out.
const (
	DefaultService      = "greeter"
	DefaultDrain        = 5 * time.Second
	DefaultInterval     = time.Second // the shortest that Consul accepts
	DefaultCheckTimeout = 500 * time.Millisecond
	DefaultTTL          = 3 * time.Second
)

// StopOrder is what a replica does when Run's context ends.
type StopOrder int

const (
	// Graceful deregisters, waits Settle, then lets calls in flight end.
	Graceful StopOrder = iota
	// WithoutDeregister lets calls in flight end and leaves the Consul entry behind.
	WithoutDeregister
	// Hard closes every connection at once and leaves the Consul entry behind.
	Hard
)

var stopOrders = [...]string{Graceful: "graceful", WithoutDeregister: "without-deregister", Hard: "hard"}

func (o StopOrder) String() string {
	if o < 0 || int(o) >= len(stopOrders) {
		return "stop order " + strconv.Itoa(int(o))
	}
	return stopOrders[o]
}

// ParseStopOrder is the inverse of StopOrder.String.
func ParseStopOrder(s string) (StopOrder, error) {
	for o, name := range stopOrders {
		if name == s {
			return StopOrder(o), nil
		}
	}
	return 0, fmt.Errorf("unknown stop order %q (have %q)", s, stopOrders)
}

func (c Config) withDefaults() Config {
	c.ID = cmp.Or(c.ID, c.Name)
	c.Service = cmp.Or(c.Service, DefaultService)
	c.Drain = cmp.Or(c.Drain, DefaultDrain)
	if c.Advertise == "" && c.Listener != nil {
		c.Advertise = c.Listener.Addr().String()
	}
	c.Check = c.Check.withDefaults(c.Advertise)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.OnEvent == nil {
		c.OnEvent = func(Event) {}
	}
	return c
}

func (c Config) validate() error {
	switch {
	case c.Name == "":
		return fmt.Errorf("replica without a name")
	case c.Listener == nil:
		return fmt.Errorf("replica %s without a listener", c.Name)
	case c.StopOrder < 0 || int(c.StopOrder) >= len(stopOrders):
		return fmt.Errorf("replica %s: unknown %s", c.Name, c.StopOrder)
	}
	for name, d := range map[string]time.Duration{
		"warm-up": c.WarmUp, "settle": c.Settle, "drain": c.Drain,
		"max connection age": c.MaxConnectionAge, "max connection age grace": c.MaxConnectionAgeGrace,
	} {
		if d < 0 {
			return fmt.Errorf("replica %s: negative %s %s", c.Name, name, d)
		}
	}
	if err := c.Capacity.validate(); err != nil {
		return fmt.Errorf("replica %s: %w", c.Name, err)
	}
	if c.Consul == nil {
		return nil
	}
	if _, _, err := advertised(c.Advertise); err != nil {
		return fmt.Errorf("replica %s: advertised address: %w", c.Name, err)
	}
	if err := c.Check.validate(); err != nil {
		return fmt.Errorf("replica %s: check: %w", c.Name, err)
	}
	return nil
}

// advertised splits host:port and refuses what no other process could dial.
func advertised(addr string) (string, int, error) {
	host, p, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.ParseUint(p, 10, 16)
	if err != nil || port == 0 {
		return "", 0, fmt.Errorf("%q: port %q is not in 1 to 65535", addr, p)
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		return "", 0, fmt.Errorf("%q names no host that a client could dial", addr)
	}
	return host, int(port), nil
}

// localHost is an address of this process: the listener's, or the advertised one when that is a wildcard.
func (c Config) localHost() string {
	if host, _, err := net.SplitHostPort(c.Listener.Addr().String()); err == nil && !net.ParseIP(host).IsUnspecified() {
		return host
	}
	host, _, _ := net.SplitHostPort(c.Advertise)
	return host
}
