package stack

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"

	"devstack/stack/wire"
)

// agentWays is what stands between an agent and those who call it. Where agents have links,
// each has an address of loopback for itself: it dials from there, so that a link can tell
// who comes, and a server takes its calls there, while 127.0.0.1, which is what it
// advertises, has the links. Gossip stays on 127.0.0.1 and passes no link.
type agentWays struct {
	own      netip.Addr     // zero without links
	crossing *wire.Crossing // nil of a client, whom nobody calls
}

// openWays gives a an address and, to a server, a crossing on its port. The HTTP port is
// claimed: nobody else on this machine has it, so nobody else makes that address of it.
func (a *Agent) openWays() (err error) {
	if !a.cfg.agentLinks() {
		return nil
	}
	p := a.ports.HTTP
	a.ways.own = netip.AddrFrom4([4]byte{127, byte(p >> 8), byte(p), 1})
	if a.Role != Server {
		return nil
	}
	if a.ways.crossing, err = wire.Cross(a.ways.own.String()); err != nil {
		return err
	}
	a.ports.Server = a.ways.crossing.Port()
	return nil
}

func (w agentWays) close() {
	if w.crossing != nil {
		w.crossing.Close()
	}
}

// bind is where the agent's own sockets are.
func (a *Agent) bind() string {
	if a.ways.own.IsValid() {
		return a.ways.own.String()
	}
	return "127.0.0.1"
}

// advertised tells an agent with links to be known by them.
func (a *Agent) advertised() []string {
	if !a.ways.own.IsValid() {
		return nil
	}
	var hcl []string
	for _, key := range []string{"advertise_addr", "advertise_addr_wan", "serf_lan", "serf_wan"} {
		hcl = append(hcl, key+` = "127.0.0.1"`)
	}
	return hcl
}

// way is the link that from calls to through, nil when nobody listens there.
func way(from, to *Agent) *wire.Link {
	if to.ways.crossing == nil {
		return nil
	}
	return to.ways.crossing.From(from.ways.own)
}

// agentLinks reports whether there are links between the Consul agents: all of 127.0.0.0/8
// is loopback on Linux only.
func (c Config) agentLinks() bool { return c.lacksAgentLinks() == nil }

// lacksAgentLinks says why there are none.
func (c Config) lacksAgentLinks() error {
	switch {
	case c.Consul.Addr != "":
		return ErrForeign
	case c.Consul.Datacenters*(c.Consul.Servers+c.Consul.Clients) < 2:
		return errors.New("there is only one Consul agent, and nobody to part it from (devstack up --servers 3 --links)")
	case !c.Links:
		return ErrNoLinks
	case runtime.GOOS != "linux":
		return fmt.Errorf("links between Consul agents need Linux, where all of 127.0.0.0/8 is loopback; this is %s", runtime.GOOS)
	}
	return nil
}
