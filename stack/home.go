package stack

import (
	"context"
	"fmt"
	"time"
)

// Which agent the client asks.
const (
	HomeClient   = "client"   // the first client agent, as on a machine with one; without any, a server
	HomeServer   = "server"   // the first server, although replicas register with clients
	HomeFollower = "follower" // the same, when it does not lead; and the other servers when that one fails
)

// Homes lists the kinds of agents that the client may ask.
func Homes() []string { return []string{HomeClient, HomeServer, HomeFollower} }

// home is the agent that the client and the observers talk to.
func (c *cluster) home() *Agent {
	if first := c.agents[0]; first.cfg.Consul.Home != HomeClient {
		return first
	}
	return c.hosts(homeDC)[0]
}

// asked are the agents that the client may ask, in its order of preference.
func (c *cluster) asked() []*Agent {
	if c.home().cfg.Consul.Home != HomeFollower {
		return []*Agent{c.home()}
	}
	return c.those(func(a *Agent) bool { return a.Role == Server && a.DC == homeDC })
}

// witness is the agent by which the observers know the catalog: another one than the
// client's, where that is the one whose word the lesson doubts.
func (c *cluster) witness() *Agent {
	if c.home().cfg.Consul.Home != HomeFollower {
		return c.home()
	}
	if host := c.hosts(homeDC)[0]; host != c.home() {
		return host
	}
	return c.asked()[1]
}

// settleHome makes a home that is to follow hand its office over, if it was elected.
func (c *cluster) settleHome(ctx context.Context) error {
	home := c.home()
	if home.cfg.Consul.Home != HomeFollower {
		return nil
	}
	for asked := false; ; sleep(ctx, aclRetry) {
		leader, err := c.leader(ctx, homeDC)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("make %s a follower: %w", home.Name, context.Cause(ctx))
		case err == nil && leader != home:
			if asked {
				c.restartStagger()
			}
			return nil
		case err == nil && !asked:
			if err := home.transferLeader(ctx); err != nil {
				return fmt.Errorf("make %s a follower: %w", home.Name, err)
			}
			asked = true
		}
	}
}

// restartStagger begins the agents' SyncStagger anew: there is another leader.
func (c *cluster) restartStagger() {
	for _, a := range c.agents {
		a.mu.Lock()
		a.led = time.Now()
		a.mu.Unlock()
	}
}
