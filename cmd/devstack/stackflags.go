package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/greeter"
	"devstack/stack"
	"devstack/timeline"
)

// stackFlags set the stack up; `up` and `scenario` share them.
func stackFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "http-port", Usage: "`PORT` of Consul's HTTP API; fails when taken", DefaultText: "8500 when free, else any"},
		&cli.StringFlag{Name: "consul-bin", Usage: "run this Consul `PROGRAM` instead of the one linked in"},
		&cli.StringFlag{Name: "consul-addr", Usage: "use the Consul agent at `HOST:PORT` and start none; faults of Consul itself are then not possible"},
		&cli.StringFlag{Name: "consul-token", Usage: "ACL `TOKEN` for --consul-addr"},
		&cli.IntFlag{Name: "servers", Value: 1, Usage: "`N` Consul servers per datacenter: 1, or 3 or 5 for a quorum"},
		&cli.IntFlag{Name: "clients", Usage: "`N` Consul client agents per datacenter, with which the replicas then register"},
		&cli.IntFlag{Name: "datacenters", Value: 1, Usage: "`N` datacenters, joined over WAN gossip; each has its own servers, clients and replicas"},
		&cli.StringFlag{Name: "profile", Value: stack.ProfileDev, Usage: "gossip and Raft timings: `NAME` is dev (quick) or lan (Consul's own defaults)"},
		&cli.BoolFlag{Name: "acl", Usage: "Consul denies by default; replicas, resolver and observers get tokens with just their rights"},
		&cli.BoolFlag{Name: "tls", Usage: "Consul's API speaks https only; the stack makes its own certificate authority"},
		&cli.StringFlag{Name: "resolver", Value: stack.ResolverDevstack, Usage: "`NAME` of the resolver under test: devstack, naive or dns"},
		&cli.StringFlag{Name: "out", Value: timeline.DefaultRoot, Usage: "`DIR` that run folders are made in"},
	}
}

// consulFrom is the Consul that the flags ask for; what is not given is left to the scenario.
func consulFrom(c *cli.Context) stack.ConsulConfig {
	given := func(flag string) int {
		if !c.IsSet(flag) {
			return 0
		}
		return c.Int(flag)
	}
	profile := ""
	if c.IsSet("profile") {
		profile = c.String("profile")
	}
	return stack.ConsulConfig{
		Servers: given("servers"), Clients: given("clients"), Datacenters: given("datacenters"), Profile: profile,
		ACL: c.Bool("acl"), TLS: c.Bool("tls"),
		HTTPPort: c.Int("http-port"), Bin: c.String("consul-bin"), Addr: c.String("consul-addr"), Token: c.String("consul-token"),
	}
}

// checkStackFlags refuses what would otherwise be taken for "not given".
func checkStackFlags(c *cli.Context) error {
	if c.IsSet("replicas") && (c.Int("replicas") < 1 || c.Int("replicas") > stack.MaxReplicas) {
		return usage("devstack up --replicas 3", "--replicas: %d is not in 1 to %d", c.Int("replicas"), stack.MaxReplicas)
	}
	if c.IsSet("callers") && c.Int("callers") < 1 {
		return usage("devstack up --callers 2", "--callers: %d is not in 1 to %d", c.Int("callers"), stack.MaxCallers)
	}
	if c.IsSet("rate") && c.Float64("rate") <= 0 {
		return usage("devstack up --rate 30", "--rate: %v RPC/s is not in (0, %d]", c.Float64("rate"), stack.MaxRate)
	}
	if c.IsSet("http-port") && (c.Int("http-port") < 1 || c.Int("http-port") > 65535) {
		return usage("devstack up --http-port 8500", "--http-port: %d is not a port", c.Int("http-port"))
	}
	if err := oneOf("policy", c.String("policy"), stack.Policies()); err != nil {
		return err
	}
	if err := oneOf("check", c.String("check"), kindNames()); err != nil {
		return err
	}
	if c.IsSet("interval") && c.Duration("interval") < time.Second {
		return usage("devstack up --interval 1s", "--interval: Consul runs checks no more often than every second, not every %s", c.Duration("interval"))
	}
	for _, name := range []string{"timeout", "deadline"} {
		if c.IsSet(name) && c.Duration(name) <= 0 {
			return usage("", "--%s: %s is no time to wait for an answer", name, c.Duration(name))
		}
	}
	if c.Duration("for") < 0 {
		return usage("devstack up --for 10s", "--for: %s is not a time to run for", c.Duration("for"))
	}
	if c.IsSet("servers") && c.Int("servers") < 1 {
		return usage("devstack up --servers 3 --clients 1", "--servers: %d is not in 1 to %d", c.Int("servers"), stack.MaxServers)
	}
	if c.IsSet("datacenters") && c.Int("datacenters") < 1 {
		return usage("devstack up --datacenters 2", "--datacenters: %d is not in 1 to %d", c.Int("datacenters"), stack.MaxDatacenters)
	}
	if err := oneOf("profile", c.String("profile"), stack.Profiles()); err != nil {
		return err
	}
	return oneOf("resolver", c.String("resolver"), stack.Resolvers())
}

func oneOf(flag, value string, have []string) error {
	if value == "" || slices.Contains(have, value) {
		return nil
	}
	return usage(didYouMean(value, have, "--"+flag+" ", "one of "+strings.Join(have, ", ")), "--%s: unknown %q", flag, value)
}

func kindNames() []string {
	var names []string
	for _, k := range greeter.CheckKinds() {
		names = append(names, string(k))
	}
	return names
}

// self is the program that plays every child.
func self() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return filepath.EvalSymlinks(path)
}

// shown is a run folder as a person would type it.
func shown(dir string) string {
	wd, err := os.Getwd()
	if err != nil {
		return dir
	}
	if rel, err := filepath.Rel(wd, dir); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return dir
}
