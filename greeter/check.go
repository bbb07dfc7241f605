package greeter

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/greeter/helloworld"
)

// The ways in which Consul can learn how a replica is. The empty CheckKind means CheckGRPC.
const (
	CheckGRPC CheckKind = "grpc" // Consul calls grpc.health.v1 for helloworld.Greeter
	CheckHTTP CheckKind = "http" // Consul gets a page from a listener that the replica opens for it
	CheckTCP  CheckKind = "tcp"  // Consul connects and hangs up
	CheckTTL  CheckKind = "ttl"  // the replica tells Consul
	CheckNone CheckKind = "none" // Consul believes whatever was registered
)

// CheckKind is how Consul learns how a replica is.
type CheckKind string

// CheckKinds lists every kind, for help texts and validation.
func CheckKinds() []CheckKind {
	return []CheckKind{CheckGRPC, CheckTTL, CheckHTTP, CheckTCP, CheckNone}
}

// CheckConfig describes the replica's one check in Consul.
type CheckConfig struct {
	Kind     CheckKind
	Interval time.Duration // between probes; 0 = DefaultInterval; Consul raises it to one second
	Timeout  time.Duration // of one probe; 0 = DefaultCheckTimeout
	TTL      time.Duration // CheckTTL only: critical after this long unheard; 0 = DefaultTTL
	// Heartbeat is how often a TTL check is refreshed; 0 = a third of TTL.
	Heartbeat time.Duration
	// Address is the host:port that Consul probes (grpc, tcp), when its way in differs from the clients'.
	Address string

	// DeregisterAfter lets Consul drop the entry when it was critical for so long; 0 = never. Consul raises
	// it to a minute and looks every 30 s.
	DeregisterAfter        time.Duration
	FailuresBeforeCritical int
	SuccessBeforePassing   int
	// InitialStatus is passing, warning or critical; "" = passing, so that a replica gets traffic at once.
	InitialStatus string
}

func (c CheckConfig) withDefaults(advertise string) CheckConfig {
	c.Kind = cmp.Or(c.Kind, CheckGRPC)
	c.Interval = cmp.Or(c.Interval, DefaultInterval)
	c.Timeout = cmp.Or(c.Timeout, DefaultCheckTimeout)
	c.TTL = cmp.Or(c.TTL, DefaultTTL)
	c.Heartbeat = cmp.Or(c.Heartbeat, c.TTL/3)
	c.Address = cmp.Or(c.Address, advertise)
	c.InitialStatus = cmp.Or(c.InitialStatus, api.HealthPassing)
	return c
}

func (c CheckConfig) validate() error {
	if !slices.Contains(CheckKinds(), c.Kind) {
		return fmt.Errorf("unknown kind %q (have %q)", c.Kind, CheckKinds())
	}
	if !slices.Contains([]string{api.HealthPassing, api.HealthWarning, api.HealthCritical}, c.InitialStatus) {
		return fmt.Errorf("unknown initial status %q", c.InitialStatus)
	}
	if c.FailuresBeforeCritical < 0 || c.SuccessBeforePassing < 0 || c.DeregisterAfter < 0 {
		return fmt.Errorf("negative threshold")
	}
	for name, d := range map[string]time.Duration{
		"interval": c.Interval, "timeout": c.Timeout, "TTL": c.TTL, "heartbeat": c.Heartbeat,
	} {
		if d <= 0 {
			return fmt.Errorf("%s %s is not positive", name, d)
		}
	}
	return nil
}

// agentCheck is the check as Consul's API wants it, nil for CheckNone. page is the URL for CheckHTTP.
func (c CheckConfig) agentCheck(id, page string) *api.AgentServiceCheck {
	check := &api.AgentServiceCheck{
		CheckID:                checkID(id),
		Name:                   string(c.Kind) + " check",
		Status:                 c.InitialStatus,
		FailuresBeforeCritical: c.FailuresBeforeCritical,
		SuccessBeforePassing:   c.SuccessBeforePassing,
	}
	if c.DeregisterAfter > 0 {
		check.DeregisterCriticalServiceAfter = c.DeregisterAfter.String()
	}
	switch c.Kind {
	case CheckNone:
		return nil
	case CheckTTL:
		check.TTL = c.TTL.String()
		return check
	case CheckGRPC:
		check.GRPC = c.Address + "/" + helloworld.Greeter_ServiceDesc.ServiceName
	case CheckTCP:
		check.TCP = c.Address
	case CheckHTTP:
		check.HTTP = page
	}
	check.Interval, check.Timeout = c.Interval.String(), c.Timeout.String()
	return check
}

func checkID(serviceID string) string { return "service:" + serviceID }
