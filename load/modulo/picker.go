package modulo

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
)

// channel is where the policy's pickers go.
type channel struct {
	balancer.ClientConn
	header atomic.Pointer[string] // set before the first picker
}

// UpdateState puts a picker that hashes in the place of the even one.
func (c *channel) UpdateState(s balancer.State) {
	if s.ConnectivityState == connectivity.Ready {
		s.Picker = newPicker(endpointsharding.ChildStatesFromPicker(s.Picker), *c.header.Load())
	}
	c.ClientConn.UpdateState(s)
}

// picker has the ready children in the order of their addresses. Pick takes no lock.
type picker struct {
	header string
	ready  []balancer.Picker
}

func newPicker(children []endpointsharding.ChildState, header string) *picker {
	slices.SortFunc(children, func(a, b endpointsharding.ChildState) int {
		return cmp.Compare(address(a), address(b)) // they come out of a map
	})
	p := &picker{header: header}
	for _, c := range children {
		if c.State.ConnectivityState == connectivity.Ready {
			p.ready = append(p.ready, c.State.Picker)
		}
	}
	return p
}

func address(c endpointsharding.ChildState) string {
	if len(c.Endpoint.Addresses) == 0 {
		return ""
	}
	return c.Endpoint.Addresses[0].Addr
}

func (p *picker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	return p.ready[p.hash(info)%uint64(len(p.ready))].Pick(info)
}

func (p *picker) hash(info balancer.PickInfo) uint64 {
	var values []string
	if md, ok := metadata.FromOutgoingContext(info.Ctx); ok {
		values = md.Get(p.header)
	}
	if len(values) == 0 {
		return rand.Uint64()
	}
	h := fnv.New64a()
	h.Write([]byte(strings.Join(values, ",")))
	return h.Sum64()
}
