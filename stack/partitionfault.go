package stack

import (
	"context"
	"errors"
	"slices"

	"devstack/stack/wire"
)

// Which calls between agents a partition cuts.
const (
	pathLAN = "lan" // those inside a datacenter: Raft, and what agents ask servers
	pathWAN = "wan" // those between datacenters
)

// What becomes of a connection over a cut.
const (
	modeReset = "reset" // RST, now and for each new one
	modeHang  = "hang"  // silence; goes on where it was when healed
)

// partAgents parts agents from all others, both ways. Agents that are parted together stay
// together.
func partAgents(_ context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	cut, err := s.agents.between(o.agents, o.Args["path"])
	if err != nil {
		return nil, err
	}
	var heals []func()
	for _, l := range cut {
		if o.Args["mode"] != modeHang {
			heals = append(heals, l.Sever())
			continue
		}
		for _, d := range []wire.Direction{wire.Up, wire.Down} {
			heal, err := l.Add(d, wire.Fault{Hold: true})
			if err != nil {
				return nil, err
			}
			heals = append(heals, heal)
		}
	}
	return func(context.Context) error {
		for _, heal := range heals {
			heal()
		}
		return nil
	}, nil
}

// haveAgentLinks says why there is nothing to cut.
func haveAgentLinks(s *Stack, o Order) error {
	if err := s.cfg.lacksAgentLinks(); err != nil {
		return err
	}
	_, err := s.agents.between(o.agents, o.Args["path"])
	return err
}

// between are the links, of one path or of both, that lead from one side of a partition to
// the other.
func (c *cluster) between(side []*Agent, path string) ([]*wire.Link, error) {
	var found []*wire.Link
	for _, a := range side {
		for _, o := range c.agents {
			if slices.Contains(side, o) || path == pathLAN && o.DC != a.DC || path == pathWAN && o.DC == a.DC {
				continue
			}
			for _, l := range []*wire.Link{way(a, o), way(o, a)} {
				if l != nil {
					found = append(found, l)
				}
			}
		}
	}
	if len(found) == 0 {
		return nil, errors.New("no call passes between these agents and the others" + onPath(path))
	}
	return found, nil
}

func onPath(path string) string {
	if path == "" {
		return ""
	}
	return " on the path " + path
}
