package resolver

import (
	"hash/maphash"

	"github.com/hashicorp/consul/api"
)

// census counts instances by state.
type census struct {
	Registered, Passing, Warning, Critical, Maintenance int

	anonymous bool // asked without a token where that sees nothing by default
}

func count(entries []*api.ServiceEntry) census {
	var c census
	for _, e := range entries {
		c.Registered++
		switch e.Checks.AggregatedStatus() {
		case api.HealthPassing:
			c.Passing++
		case api.HealthWarning:
			c.Warning++
		case api.HealthMaint:
			c.Maintenance++
		default:
			c.Critical++
		}
	}
	return c
}

// digest sums up what of entries may matter to anybody: neither checks' output nor indexes. It is the same for
// equal content only by a chance of 2⁻⁶⁴ otherwise.
func digest(seed maphash.Seed, entries []*api.ServiceEntry, config string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	str := func(s string) {
		h.WriteString(s)
		h.WriteByte(0)
	}
	num := func(n int) { maphash.WriteComparable(&h, n) }
	str(config)
	for _, e := range entries {
		if e == nil || e.Service == nil {
			continue
		}
		s := e.Service
		for _, v := range []string{s.ID, s.Service, s.Address, s.SocketPath, s.PeerName, s.Namespace, s.Partition, e.Checks.AggregatedStatus()} {
			str(v)
		}
		num(s.Port)
		num(s.Weights.Passing)
		num(s.Weights.Warning)
		for _, p := range s.Ports {
			str(p.Name)
			num(p.Port)
		}
		for _, tag := range s.Tags {
			str(tag)
		}
		num(len(s.Tags))
		sum := uint64(0) // maps have no order: add up their pairs
		for k, v := range s.Meta {
			sum += maphash.String(seed, k+"\x00"+v)
		}
		for k, v := range s.TaggedAddresses {
			sum += maphash.Comparable(seed, [...]any{k, v.Address, v.Port})
		}
		if e.Node != nil {
			str(e.Node.Node)
			str(e.Node.Address)
			str(e.Node.Datacenter)
			for k, v := range e.Node.TaggedAddresses {
				sum += maphash.String(seed, "n"+k+"\x00"+v)
			}
		}
		if s.Locality != nil {
			str(s.Locality.Region)
			str(s.Locality.Zone)
		}
		maphash.WriteComparable(&h, sum)
	}
	return h.Sum64()
}
