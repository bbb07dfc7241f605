package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Profiles of a cluster's timings.
const (
	ProfileDev = "dev" // gossip and Raft as quick as Consul's development mode lets them be
	ProfileLAN = "lan" // what Consul does in a real network when nothing is configured
)

// Profiles lists the timings that a cluster may have.
func Profiles() []string { return []string{ProfileDev, ProfileLAN} }

// homeDC is the client's datacenter.
const homeDC = "dc1"

// Limits of a cluster. More servers than Consul's people advise would only be slower.
const (
	MaxServers     = 7
	MaxClients     = 20
	MaxDatacenters = 3
)

// cluster is the Consul agents of a stack: per datacenter the servers, then the clients. Its
// methods may be called concurrently.
type cluster struct {
	agents   []*Agent
	security security
}

// planCluster names the agents that cfg asks for and chooses their ports, because agents
// that join each other have to know them before one is started. What comes with an error
// is to be stopped, too.
func planCluster(ctx context.Context, cfg Config) (*cluster, error) {
	c := &cluster{}
	if cfg.Consul.Home == HomeFollower && cfg.Consul.Servers < 2 {
		return c, fmt.Errorf("%w: home: an only server has nobody to follow; it takes servers = 2 or more", ErrConfig)
	}
	if cfg.Consul.Addr != "" {
		a, err := adoptAgent(ctx, cfg, "consul-1")
		if a != nil {
			c.agents = []*Agent{a}
		}
		return c, err
	}
	for dc := range cfg.Consul.Datacenters {
		for i := range cfg.Consul.Servers {
			c.add(cfg, Server, dc+1, i+1)
		}
		for i := range cfg.Consul.Clients {
			c.add(cfg, Client, dc+1, i+1)
		}
	}
	// The one that people and the client talk to gets the port they expect.
	home, spoken := c.home(), map[int]bool{}
	for _, a := range slices.Concat([]*Agent{home}, c.agents) {
		if a == home && a.ports.HTTP != 0 {
			continue
		}
		if err := a.prepare(a == home, spoken); err != nil {
			return c, err
		}
	}
	for _, a := range c.agents {
		a.introduce(c.agents)
	}
	if err := c.secure(cfg); err != nil {
		return c, err
	}
	for _, a := range c.agents {
		if err := a.connect(); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *cluster) add(cfg Config, role Role, dc, n int) {
	name := "consul-"
	if dc > 1 {
		name += fmt.Sprintf("dc%d-", dc)
	}
	if role == Client {
		name += "client-"
	}
	c.agents = append(c.agents, &Agent{Name: fmt.Sprintf("%s%d", name, n), Role: role, DC: fmt.Sprintf("dc%d", dc), cfg: cfg})
}

// start runs every agent; they find each other. The home agent's start comes first in the
// record: by that, readers know which one it is.
func (c *cluster) start() error {
	home := c.home()
	for _, a := range slices.Concat([]*Agent{home}, c.agents) {
		if !a.foreign() && !a.Running() {
			if err := a.start(); err != nil {
				return err
			}
		}
	}
	return nil
}

// await waits until every agent knows a leader. With ACLs the servers come first: a client
// agent that asks one of them too early believes for half a minute that there is no such token.
// The first agent that dies is the error.
func (c *cluster) await(ctx context.Context) error {
	return c.untilDeath(ctx, c.awaitLeaders)
}

func (c *cluster) awaitLeaders(ctx context.Context) error {
	if c.security.keys == nil {
		return awaitAll(ctx, c.agents)
	}
	if err := awaitAll(ctx, c.those(func(a *Agent) bool { return a.Role == Server })); err != nil {
		return err
	}
	return awaitAll(ctx, c.those(func(a *Agent) bool { return a.Role == Client }))
}

func awaitAll(ctx context.Context, agents []*Agent) error {
	var waiting sync.WaitGroup
	errs := make([]error, len(agents))
	for i, a := range agents {
		waiting.Go(func() { errs[i] = a.await(ctx) })
	}
	waiting.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// many is true of more than one agent: what the Consul of one machine's lesson is not.
func (c *cluster) many() bool { return len(c.agents) > 1 }

// hosts are the agents of dc that replicas register with: the clients, or without any the
// servers' first.
func (c *cluster) hosts(dc string) []*Agent {
	var clients, servers []*Agent
	for _, a := range c.agents {
		switch {
		case a.DC != dc:
		case a.Role == Client:
			clients = append(clients, a)
		default:
			servers = append(servers, a)
		}
	}
	if len(clients) > 0 {
		return clients
	}
	return servers[:1]
}

// leader is the server of dc that leads it, by what a server says whose process runs.
func (c *cluster) leader(ctx context.Context, dc string) (*Agent, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for _, a := range c.agents {
		if a.DC != dc || a.Role != Server || !a.Running() {
			continue
		}
		if addr, err := a.leader(ctx); err == nil && addr != "" {
			if at := slices.IndexFunc(c.agents, func(l *Agent) bool { return l.rpc() == addr }); at >= 0 {
				return c.agents[at], nil
			}
		}
	}
	return nil, errors.New("no server knows a leader")
}

// dead is true of the Raft address of an agent of ours whose process has ended. A follower
// goes on naming a dead leader until its heartbeats have been missing for long enough.
func (c *cluster) dead(addr string) bool {
	return slices.ContainsFunc(c.agents, func(a *Agent) bool { return !a.foreign() && a.rpc() == addr && !a.Running() })
}

// named is the name of the agent whose Raft address is addr, "" of one that is not ours.
func (c *cluster) named(addr string) string {
	for _, a := range c.agents {
		if !a.foreign() && a.rpc() == addr {
			return a.Name
		}
	}
	return ""
}

// find is the agents that a word means: a name, a datacenter, or what one does in dc1 now.
func (c *cluster) find(ctx context.Context, word string) ([]*Agent, error) {
	switch word {
	case "", "consul", "home":
		return []*Agent{c.home()}, nil
	case "leader", "follower", "followers":
		leader, err := c.leader(ctx, homeDC)
		if err != nil {
			return nil, err
		}
		if word == "leader" {
			return []*Agent{leader}, nil
		}
		return c.followers(leader, word == "followers")
	case "server-majority":
		servers := c.those(func(a *Agent) bool { return a.Role == Server && a.DC == homeDC })
		return servers[len(servers)-(len(servers)/2+1):], nil
	}
	found := c.those(func(a *Agent) bool { return a.Name == word || a.DC == word })
	if len(found) == 0 {
		return nil, fmt.Errorf("%w %q (have %s)", ErrUnknownAgent, word, strings.Join(c.words(), ", "))
	}
	return found, nil
}

func (c *cluster) followers(leader *Agent, all bool) ([]*Agent, error) {
	rest := c.those(func(a *Agent) bool { return a.Role == Server && a.DC == leader.DC && a != leader })
	if len(rest) == 0 {
		return nil, errors.New("the leader is the only server")
	}
	if !all {
		rest = rest[len(rest)-1:]
	}
	return rest, nil
}

func (c *cluster) those(is func(*Agent) bool) []*Agent {
	return slices.DeleteFunc(slices.Clone(c.agents), func(a *Agent) bool { return !is(a) })
}

// words are what find understands.
func (c *cluster) words() []string {
	words := []string{"consul"}
	for _, a := range c.agents {
		words = append(words, a.Name)
	}
	if c.many() {
		words = append(words, "leader", "follower", "followers", "server-majority")
	}
	if last := c.agents[len(c.agents)-1]; last.DC != homeDC {
		for dc := range last.cfg.Consul.Datacenters {
			words = append(words, fmt.Sprintf("dc%d", dc+1))
		}
	}
	return words
}

// stop ends every agent, the clients before the servers, and waits for them.
func (c *cluster) stop(now <-chan struct{}) {
	for _, role := range []Role{Client, Server} {
		var stopping sync.WaitGroup
		for _, a := range c.agents {
			if a.Role == role {
				stopping.Go(func() { a.stop(now) })
			}
		}
		stopping.Wait()
	}
	c.forget()
}

// ErrUnknownAgent is what a name meets that no Consul agent has.
var ErrUnknownAgent = errors.New("no such Consul agent")
