package resolver

import (
	"cmp"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc/experimental/balancer/weight"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/ringhash"
)

// shape is how a channel turns Consul's entries into instances.
type shape struct {
	health     Health
	minPassing int
	addresses  []string
	port       string
	limit      int
	nearest    bool // keep the server's order
	seed       uint64
	prepared   bool // the query has judged health
}

func shapeOf(t Target, seed uint64) shape {
	return shape{health: cmp.Or(t.Health, HealthPassing), minPassing: t.MinPassing, addresses: t.AddressChoice, port: t.Port,
		limit: t.Limit, nearest: t.Near != "", seed: seed, prepared: t.Query != ""}
}

// instances is whom to offer, without duplicates and in the order to offer them, and how many entries were
// unusable.
func (s shape) instances(entries []*api.ServiceEntry) (out []Instance, skipped int) {
	out = make([]Instance, 0, len(entries))
	for _, e := range s.healthy(entries) {
		i, ok := s.instance(e)
		if !ok {
			skipped++
			continue
		}
		out = append(out, i)
	}
	out = distinct(out)
	if !s.nearest {
		s.shuffle(out)
	}
	if s.limit > 0 && len(out) > s.limit {
		out = out[:s.limit:s.limit]
	}
	return out, skipped
}

func (s shape) healthy(entries []*api.ServiceEntry) []*api.ServiceEntry {
	if s.health == HealthAny || s.prepared {
		return entries
	}
	var good, rest []*api.ServiceEntry
	for _, e := range entries {
		switch status := e.Checks.AggregatedStatus(); {
		case status == api.HealthPassing, status == api.HealthWarning && s.health == HealthWarning:
			good = append(good, e)
		case status != api.HealthMaint:
			rest = append(rest, e)
		}
	}
	few := len(good)*100 < s.minPassing*(len(good)+len(rest))
	if few || s.health == HealthFallback && len(good) == 0 {
		return append(good, rest...)
	}
	return good
}

func (s shape) instance(e *api.ServiceEntry) (Instance, bool) {
	if e == nil || e.Service == nil {
		return Instance{}, false
	}
	v := e.Service
	i := Instance{ID: v.ID, Service: v.Service, Status: e.Checks.AggregatedStatus(), Meta: v.Meta,
		Datacenter: v.Datacenter, Peer: v.PeerName, Namespace: v.Namespace, Partition: v.Partition}
	if len(v.Tags) > 0 {
		i.Tags = slices.Sorted(slices.Values(v.Tags))
	}
	if e.Node != nil {
		i.Node, i.Datacenter = e.Node.Node, cmp.Or(v.Datacenter, e.Node.Datacenter)
	}
	if v.Locality != nil {
		i.Region, i.Zone = v.Locality.Region, v.Locality.Zone
	}
	if i.Addrs = s.dialable(e); len(i.Addrs) == 0 {
		return Instance{}, false
	}
	i.Addr = i.Addrs[0]
	i.Weight = weightOf(v.Weights, i.Status)
	return i, i.Weight > 0
}

// weightOf is Consul's weight for a status. Consul's own DNS treats a missing weight as 1; a weight of 0 is only
// to be had by asking for it, and then the instance gets nothing.
func weightOf(w api.AgentWeights, status string) uint32 {
	n := w.Passing
	if status == api.HealthWarning {
		n = w.Warning
	}
	if w == (api.AgentWeights{}) {
		n = 1
	}
	return uint32(min(max(n, 0), 1<<16))
}

// dialable is e's addresses, the preferred one first, then those of the other IP family.
func (s shape) dialable(e *api.ServiceEntry) []string {
	v := e.Service
	if v.SocketPath != "" {
		return []string{"unix:" + v.SocketPath}
	}
	host, port := s.choose(e)
	port = s.portOf(v, port)
	if host == "" || port <= 0 || port > 65535 {
		return nil
	}
	out := []string{join(host, port)}
	for _, kind := range []string{"lan_ipv4", "lan_ipv6"} {
		if len(s.addresses) > 0 {
			break
		}
		if a, ok := v.TaggedAddresses[kind]; ok && a.Address != "" && host == v.Address {
			out = append(out, join(a.Address, cmp.Or(a.Port, port)))
		}
	}
	if len(out) == 1 {
		return out
	}
	slices.Sort(out[1:])
	return compact(out)
}

// choose is the host and port of the first kind of address that e has.
func (s shape) choose(e *api.ServiceEntry) (string, int) {
	v := e.Service
	for _, kind := range s.addresses {
		if a, ok := v.TaggedAddresses[kind]; ok && a.Address != "" {
			return a.Address, cmp.Or(a.Port, v.Port)
		}
		switch {
		case kind == "service" && v.Address != "":
			return v.Address, v.Port
		case kind == "node" && e.Node != nil && e.Node.Address != "":
			return e.Node.Address, v.Port
		case e.Node != nil && e.Node.TaggedAddresses[kind] != "":
			return e.Node.TaggedAddresses[kind], v.Port
		}
	}
	if v.Address == "" && e.Node != nil {
		return e.Node.Address, v.Port
	}
	return v.Address, v.Port
}

func (s shape) portOf(v *api.AgentService, port int) int {
	if s.port != "" {
		for _, p := range v.Ports {
			if p.Name == s.port {
				return p.Port
			}
		}
		return 0
	}
	if port == 0 {
		return v.DefaultPort()
	}
	return port
}

func join(host string, port int) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
}

// compact drops repetitions, keeping the first of each.
func compact(in []string) []string {
	var out []string
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

var statusRank = map[string]int{api.HealthPassing: 0, api.HealthWarning: 1, api.HealthCritical: 2, api.HealthMaint: 3}

// distinct keeps one instance per address, in place and in order: the healthiest, then the heaviest. Two at one address are a
// registration left behind and its successor.
func distinct(in []Instance) []Instance {
	at := make(map[string]int, len(in))
	out := in[:0]
	for n := range in {
		i := in[n]
		old, seen := at[i.Addr]
		if !seen {
			at[i.Addr] = len(out)
			out = append(out, i)
			continue
		}
		o := &out[old]
		if cmp.Or(cmp.Compare(statusRank[i.Status], statusRank[o.Status]), cmp.Compare(o.Weight, i.Weight), cmp.Compare(i.ID, o.ID)) < 0 {
			out[old] = i
		}
	}
	return out
}

// shuffle sorts by a hash of seed and address, which is rendezvous hashing: each process has its own order and a
// prefix of it changes as little as can be when instances come and go.
func (s shape) shuffle(in []Instance) {
	type scored struct {
		score uint64
		n     int
	}
	order := make([]scored, len(in))
	for n, i := range in {
		order[n] = scored{score(s.seed, i.Addr), n}
	}
	slices.SortFunc(order, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(in[a.n].Addr, in[b.n].Addr))
	})
	was := slices.Clone(in)
	for n, o := range order {
		in[n] = was[o.n]
	}
}

// score is FNV-1a over addr, started from seed and mixed with the finaliser of SplitMix64, since FNV alone keeps
// the order of addresses that differ in their last digit.
func score(seed uint64, addr string) uint64 {
	h := seed ^ 14695981039346656037
	for n := range len(addr) {
		h = (h ^ uint64(addr[n])) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// hashKey is what ring_hash places an instance by. Unlike its address, which is what grpc would take, it survives
// a restart on another port. Consul's IDs are unique on one node only.
func hashKey(i *Instance) string {
	return i.Datacenter + "/" + i.Peer + "/" + i.Partition + "/" + i.Namespace + "/" + i.Node + "/" + i.ID
}

// state is instances in grpc's terms. Addresses carry nothing but the address: anything else there would make a
// balancer reconnect when it changes.
func state(instances []Instance) grpcresolver.State {
	s := grpcresolver.State{Endpoints: make([]grpcresolver.Endpoint, len(instances)), Addresses: make([]grpcresolver.Address, len(instances))}
	all := make([]grpcresolver.Address, 0, len(instances)) // most have one
	for n := range instances {
		i := &instances[n]
		begin := len(all)
		for _, a := range i.Addrs {
			all = append(all, grpcresolver.Address{Addr: a})
		}
		ep := grpcresolver.Endpoint{Addresses: slices.Clip(all[begin:])}
		ep = weight.Set(withInstance(ep, *i), weight.EndpointInfo{Weight: i.Weight})
		ep = ringhash.SetHashKey(ep, hashKey(i))
		s.Endpoints[n] = ep
		//lint:ignore SA1019 these addresses are in no Endpoint: they serve balancers that know nothing else
		s.Addresses[n] = grpcresolver.Address{Addr: i.Addr, BalancerAttributes: ep.Attributes}
	}
	return s
}
