package weighted

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func counts(order []int32, n int) []uint64 {
	out := make([]uint64, n)
	for _, who := range order {
		out[who]++
	}
	return out
}

func TestACycleHasEveryTurnOnceAndSpread(t *testing.T) {
	got := cycle([]uint64{1, 2, 5})
	if want := []int32{2, 1, 2, 0, 2, 2, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestWeightsAreReduced(t *testing.T) {
	for _, c := range []struct{ in, want []uint64 }{
		{[]uint64{1}, []uint64{1}},
		{[]uint64{7, 7, 7}, []uint64{1, 1, 1}},
		{[]uint64{100, 200, 500}, []uint64{1, 2, 5}},
		{[]uint64{65536, 65536}, []uint64{1, 1}},
		{[]uint64{65535, 1}, []uint64{16384, 1}},
		{[]uint64{65535, 65534}, []uint64{8192, 8192}},
	} {
		if got := reduce(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
}

// Whatever the weights: a prefix of the cycle is never further than one turn per instance from its share.
func TestNoInstanceGetsAheadOrBehind(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		weights := make([]uint64, 1+r.IntN(20))
		for i := range weights {
			weights[i] = 1 + r.Uint64N(100)
		}
		parts, order := reduce(weights), cycle(weights)
		if got := counts(order, len(parts)); !slices.Equal(got, parts) {
			t.Fatalf("%v: got %v", parts, got)
		}
		for n := range order {
			for i, got := range counts(order[:n], len(parts)) {
				share := float64(n) * float64(parts[i]) / float64(len(order))
				if d := float64(got) - share; d > float64(len(parts)) || d < -float64(len(parts)) {
					t.Fatalf("%v: after %d turns %d had %d, share %.1f", parts, n, i, got, share)
				}
			}
		}
	}
}

func TestAHugeCycleIsBounded(t *testing.T) {
	weights := make([]uint64, 1000)
	for i := range weights {
		weights[i] = uint64(1 + i*65)
	}
	if n := len(cycle(weights)); n < longest-len(weights) || n > longest+len(weights) {
		t.Errorf("%d turns", n)
	}
}
