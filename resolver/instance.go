package resolver

import (
	"maps"
	"slices"

	grpcresolver "google.golang.org/grpc/resolver"
)

// Instance is one registered instance of a service. Its identity is Addr: an instance that comes back on another
// port is one that left and another that came. Treat its slices and maps as constants.
type Instance struct {
	ID, Service, Node, Datacenter string
	Addr                          string   // host:port, or unix:path; what the balancer dials first
	Addrs                         []string // all addresses, Addr first
	Status                        string   // passing, warning, critical or maintenance
	Weight                        uint32   // Consul's weight for that status, at least 1
	Tags                          []string // sorted
	Meta                          map[string]string
	Region, Zone                  string
	Peer, Namespace, Partition    string
}

// Equal says whether o is an Instance with the same content, which makes it usable in grpc's attributes.
func (i Instance) Equal(o any) bool {
	other, ok := o.(Instance)
	return ok && i.same(&other)
}

// same is Equal of two that are known to be instances, and need not be copied.
func (i *Instance) same(other *Instance) bool {
	return i.ID == other.ID && i.Addr == other.Addr && i.Status == other.Status && i.Weight == other.Weight &&
		i.Service == other.Service && i.Node == other.Node && i.Datacenter == other.Datacenter &&
		i.Region == other.Region && i.Zone == other.Zone &&
		i.Peer == other.Peer && i.Namespace == other.Namespace && i.Partition == other.Partition &&
		slices.Equal(i.Addrs, other.Addrs) && slices.Equal(i.Tags, other.Tags) && maps.Equal(i.Meta, other.Meta)
}

type instanceKey struct{}

// InstanceFromEndpoint returns the instance behind an endpoint of this resolver, for use in a balancer or picker.
// There is none when a proxy (HTTPS_PROXY) rewrote the endpoint; grpc.WithNoProxy avoids that.
func InstanceFromEndpoint(ep grpcresolver.Endpoint) (Instance, bool) {
	i, ok := ep.Attributes.Value(instanceKey{}).(Instance)
	return i, ok
}

func withInstance(ep grpcresolver.Endpoint, i Instance) grpcresolver.Endpoint {
	ep.Attributes = ep.Attributes.WithValue(instanceKey{}, i)
	return ep
}
