package stack

import (
	"errors"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"devstack/greeter"
)

func TestBadSettingsAreNamed(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"replicas: -1":     func(c *Config) { c.Replicas = -1 },
		"replicas: 10001":  func(c *Config) { c.Replicas = MaxReplicas + 1 },
		"callers: -1":      func(c *Config) { c.Callers = -1 },
		"callers: 5":       func(c *Config) { c.Callers = MaxCallers + 1 },
		"rate: -1":         func(c *Config) { c.Rate = -1 },
		"rate: NaN":        func(c *Config) { c.Rate = math.NaN() },
		"rate: +Inf":       func(c *Config) { c.Rate = math.Inf(1) },
		`policy: unknown`:  func(c *Config) { c.Policy = "round-robin" },
		`check: unknown`:   func(c *Config) { c.Check.Kind = "icmp" },
		"every second":     func(c *Config) { c.Check.Interval = 100 * time.Millisecond },
		"must be positive": func(c *Config) { c.Deadline = -time.Second },
		"resolver:":        func(c *Config) { c.Resolver = "zookeeper" },
		"http-port: 70000": func(c *Config) { c.Consul.HTTPPort = 70000 },
		"exclude":          func(c *Config) { c.Consul.Bin, c.Consul.Addr = "consul", "127.0.0.1:1" },
		"is not host:port": func(c *Config) { c.Consul.Addr = "nowhere" },
		"consul-bin":       func(c *Config) { c.Consul.Bin = "no-such-program-anywhere" },
	} {
		var c Config
		change(&c)
		if err := c.Validate(); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestAllBadSettingsAtOnce(t *testing.T) {
	err := Config{Replicas: -1, Policy: "x", Check: greeter.CheckConfig{Kind: "x"}}.Validate()
	for _, want := range []string{"replicas", "policy", "check"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v says nothing about %s", err, want)
		}
	}
}

func TestTheZeroConfigIsValid(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestAPortInUseIsNotFree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if portFree(l.Addr().(*net.TCPAddr).Port) {
		t.Error("somebody listens on TCP")
	}
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if portFree(p.LocalAddr().(*net.UDPAddr).Port) {
		t.Error("somebody listens on UDP")
	}
	for range 100 {
		if port, err := freePort(); err != nil || port < portFloor || port >= portCeil {
			t.Fatalf("%d, %v", port, err)
		}
	}
}

func TestAPortIsClaimedOnce(t *testing.T) {
	port, held, err := claimAny()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim(port); !errors.Is(err, ErrPortTaken) {
		t.Errorf("claimed twice: %v", err)
	}
	held.Close()
	again, err := claim(port)
	if err != nil {
		t.Fatalf("not free again: %v", err)
	}
	again.Close()
	l, err := net.Listen("tcp", loopback(port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := claim(port); !errors.Is(err, ErrPortTaken) {
		t.Errorf("claimed while somebody listens: %v", err)
	}
}
