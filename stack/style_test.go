package stack

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter"
	"devstack/load"
	"devstack/resolver"
)

func TestStylesThatDoNotFit(t *testing.T) {
	base := Config{Self: "devstack", Dir: t.TempDir()}
	for name, change := range map[string]func(*Config){
		"unknown via":                 func(c *Config) { c.Via = "pigeon" },
		"balancing one address":       func(c *Config) { c.Via, c.Policy = ViaTCP, "round_robin" },
		"unknown registrar":           func(c *Config) { c.Replica.Register = "nobody" },
		"registrar without heartbeat": func(c *Config) { c.Replica.Register, c.Check.Kind = RegisterAgent, greeter.CheckTTL },
		"registrar with a foreign ID": func(c *Config) { c.Replica.Register, c.Replica.FixedID = RegisterAgent, "x" },
		"dns of a foreign Consul":     func(c *Config) { c.Resolver, c.Consul.Addr = ResolverDNS, "127.0.0.1:8500" },
	} {
		c := base
		change(&c)
		if err := c.Validate(); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: Validate() = %v, want an ErrConfig", name, err)
		}
	}
	for name, change := range map[string]func(*Config){
		"router": func(c *Config) { c.Via = ViaRouter }, "tcp": func(c *Config) { c.Via, c.Policy = ViaTCP, "pick_first" },
		"registrar": func(c *Config) { c.Replica.Register = RegisterAgent }, "dns": func(c *Config) { c.Resolver = ResolverDNS },
	} {
		c := base
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: Validate() = %v", name, err)
		}
	}
	c := base
	c.Via = ViaRouter
	if got := c.Resolved().Policy; got != "pick_first" {
		t.Errorf("policy behind a router = %q, want pick_first: there is one address", got)
	}
}

func TestFavouriteIsWhoAnswersMost(t *testing.T) {
	tr := newTraffic()
	if got := tr.favourite(); got != "" {
		t.Errorf("before any call the favourite is %q", got)
	}
	answer := func(replica string, code codes.Code, n int) {
		for range n {
			tr.add(load.Result{Backend: replica, Code: code})
		}
	}
	answer("greeter-2", codes.OK, 2)
	answer("greeter-1", codes.OK, 1)
	answer("greeter-3", codes.Unavailable, 9) // being asked is not answering
	if got := tr.favourite(); got != "greeter-2" {
		t.Errorf("favourite = %q, want greeter-2", got)
	}
	tr.tell(1, 10, 0)
	if got := tr.favourite(); got != "greeter-2" {
		t.Errorf("right after a tick the favourite = %q, want greeter-2", got)
	}
	answer("greeter-1", codes.OK, 2)
	tr.tell(2, 10, 0)
	answer("greeter-1", codes.OK, 1)
	tr.tell(3, 10, 0)
	if got := tr.favourite(); got != "greeter-1" {
		t.Errorf("later the favourite = %q, want greeter-1", got)
	}
}

func TestResolverGoroutinesAreCounted(t *testing.T) {
	if n := resolverGoroutines(); n != 0 {
		t.Fatalf("%d goroutines in resolvers before there is one", n)
	}
	b := resolver.NewBuilder(resolver.WithLinger(0))
	conn, err := grpc.NewClient("consul://127.0.0.1:1/nobody", grpc.WithResolvers(b), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	conn.Connect() // nobody listens there, so the resolver waits and asks again
	reach(t, func(n int) bool { return n > 0 })
	if err := errors.Join(conn.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	reach(t, func(n int) bool { return n == 0 })
}

func reach(t *testing.T, ok func(int) bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(resolverGoroutines()); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines in resolvers", resolverGoroutines())
		}
	}
}
