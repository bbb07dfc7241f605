//go:build linux

package stack

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"devstack/stack/wire"
)

func TestWhatLinksBetweenAgentsTake(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string // "" for nothing
	}{
		"all":       {Config{Links: true, Consul: ConsulConfig{Servers: 3}}, ""},
		"one agent": {Config{Links: true}, "only one Consul agent"},
		"no links":  {Config{Consul: ConsulConfig{Servers: 1, Clients: 1}}, ErrNoLinks.Error()},
		"foreign":   {Config{Links: true, Consul: ConsulConfig{Addr: "127.0.0.1:8500"}}, ErrForeign.Error()},
	} {
		err := c.cfg.withDefaults().lacksAgentLinks()
		if got := err == nil; got != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// twoDatacenters is two servers and a client in each of two, none of which runs.
func twoDatacenters(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{}
	for dc := 1; dc <= 2; dc++ {
		for n := 1; n <= 2; n++ {
			c.add(Config{}, Server, dc, n)
		}
		c.add(Config{}, Client, dc, 1)
	}
	for i, a := range c.agents {
		a.ways.own = netip.AddrFrom4([4]byte{127, 0, 77, byte(i + 1)})
		if a.Role == Server {
			x, err := wire.Cross(a.ways.own.String())
			if err != nil {
				t.Fatal(err)
			}
			a.ways.crossing = x
			t.Cleanup(x.Close)
		}
	}
	return c
}

// A pair of servers has a link each way, a client has one to each server, and agents that
// are parted together keep theirs.
func TestWhichLinksAPartitionCuts(t *testing.T) {
	c := twoDatacenters(t)
	for _, want := range []struct {
		words []string
		path  string
		links int
	}{
		{[]string{"consul-1"}, pathLAN, 2 + 1},
		{[]string{"consul-1"}, pathWAN, 2*2 + 1},
		{[]string{"consul-1"}, "", 8},
		{[]string{"consul-client-1"}, pathLAN, 2},
		{[]string{"consul-1", "consul-2"}, pathLAN, 2},
		{[]string{"dc2"}, pathWAN, 2*2*2 + 2 + 2},
	} {
		var side []*Agent
		for _, word := range want.words {
			found, err := c.find(t.Context(), word)
			if err != nil {
				t.Fatal(err)
			}
			side = append(side, found...)
		}
		links, err := c.between(side, want.path)
		if err != nil || len(links) != want.links {
			t.Errorf("%v on the path %q: %d links, %v; want %d", want.words, want.path, len(links), err, want.links)
		}
	}
	if links, err := c.between(c.agents, ""); err == nil {
		t.Errorf("nobody is on the other side, and %d links are cut", len(links))
	}
	if _, err := c.find(t.Context(), "consul-9"); !errors.Is(err, ErrUnknownAgent) {
		t.Error(err)
	}
}
