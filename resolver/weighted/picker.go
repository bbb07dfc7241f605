package weighted

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/experimental/balancer/weight"
)

// picker follows a fixed cycle of the ready children. Pick takes no lock.
type picker struct {
	calls   *atomic.Uint64
	ready   []balancer.Picker
	weights []uint64
	cycle   func() []int32 // made by the first pick: most pickers of a start-up are replaced before it
}

func newPicker(children []endpointsharding.ChildState, calls *atomic.Uint64) *picker {
	slices.SortFunc(children, func(a, b endpointsharding.ChildState) int {
		return cmp.Compare(address(a), address(b)) // they come out of a map
	})
	p := &picker{calls: calls}
	for _, c := range children {
		if c.State.ConnectivityState != connectivity.Ready {
			continue
		}
		p.ready = append(p.ready, c.State.Picker)
		p.weights = append(p.weights, uint64(max(weight.FromEndpoint(c.Endpoint).Weight, 1)))
	}
	p.cycle = sync.OnceValue(func() []int32 { return cycle(p.weights) })
	return p
}

func address(c endpointsharding.ChildState) string {
	if len(c.Endpoint.Addresses) == 0 {
		return ""
	}
	return c.Endpoint.Addresses[0].Addr
}

func (p *picker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	order := p.cycle()
	return p.ready[order[p.calls.Add(1)%uint64(len(order))]].Pick(info)
}
