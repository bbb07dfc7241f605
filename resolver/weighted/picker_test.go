package weighted

import (
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/experimental/balancer/weight"
	grpcresolver "google.golang.org/grpc/resolver"
)

// tally counts picks in the place of a pick_first child.
type tally struct{ picks atomic.Int64 }

func (c *tally) Pick(balancer.PickInfo) (balancer.PickResult, error) {
	c.picks.Add(1)
	return balancer.PickResult{}, nil
}

func child(addr string, w uint32, p balancer.Picker, s connectivity.State) endpointsharding.ChildState {
	ep := weight.Set(grpcresolver.Endpoint{Addresses: []grpcresolver.Address{{Addr: addr}}}, weight.EndpointInfo{Weight: w})
	return endpointsharding.ChildState{Endpoint: ep, State: balancer.State{ConnectivityState: s, Picker: p}}
}

// picked is how often each of a, b and c was picked by four callers at once, 800 picks in all.
func picked(t *testing.T, weights [3]uint32, states [3]connectivity.State) (out [3]int64) {
	var tallies [3]tally
	var children []endpointsharding.ChildState
	for i := range tallies {
		children = append(children, child(string(rune('a'+i)), weights[i], &tallies[i], states[i]))
	}
	p := newPicker(children, new(atomic.Uint64))
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 200 {
				if _, err := p.Pick(balancer.PickInfo{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
	for i := range tallies {
		out[i] = tallies[i].picks.Load()
	}
	return out
}

const (
	ready      = connectivity.Ready
	connecting = connectivity.Connecting
)

func TestSharesAreExactUnderConcurrency(t *testing.T) {
	if got := picked(t, [3]uint32{1, 2, 5}, [3]connectivity.State{ready, ready, ready}); got != [3]int64{100, 200, 500} {
		t.Errorf("%v", got)
	}
}

func TestAWeightThatIsMissingIsOne(t *testing.T) {
	if got := picked(t, [3]uint32{0, 1, 2}, [3]connectivity.State{ready, ready, ready}); got != [3]int64{200, 200, 400} {
		t.Errorf("%v", got)
	}
}

func TestOnlyTheReadyShare(t *testing.T) {
	if got := picked(t, [3]uint32{1, 50, 3}, [3]connectivity.State{ready, connecting, ready}); got != [3]int64{200, 0, 600} {
		t.Errorf("%v", got)
	}
}

// A new picker goes on in the cycle, so that many short-lived ones do not all serve the heaviest.
func TestAReplacedPickerGoesOn(t *testing.T) {
	var tallies [3]tally
	var calls atomic.Uint64
	for range 80 {
		children := []endpointsharding.ChildState{child("c", 5, &tallies[2], ready), child("a", 1, &tallies[0], ready), child("b", 2, &tallies[1], ready)}
		_, _ = newPicker(children, &calls).Pick(balancer.PickInfo{})
	}
	for i, want := range []int64{10, 20, 50} {
		if got := tallies[i].picks.Load(); got != want {
			t.Errorf("%c was picked %d times, want %d", 'a'+i, got, want)
		}
	}
}

func benchPicker(n int) *picker {
	var children []endpointsharding.ChildState
	for i := range n {
		children = append(children, child(string(rune('a'+i)), uint32(1+i%7), nothing{}, ready))
	}
	return newPicker(children, new(atomic.Uint64))
}

type nothing struct{}

func (nothing) Pick(balancer.PickInfo) (balancer.PickResult, error) {
	return balancer.PickResult{}, nil
}

func BenchmarkPick(b *testing.B) {
	p := benchPicker(100)
	for b.Loop() {
		_, _ = p.Pick(balancer.PickInfo{})
	}
}

func BenchmarkPickParallel(b *testing.B) {
	p := benchPicker(100)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = p.Pick(balancer.PickInfo{})
		}
	})
}

func BenchmarkNewPickerAndFirstPick1000(b *testing.B) {
	for b.Loop() {
		_, _ = benchPicker(1000).Pick(balancer.PickInfo{})
	}
}
