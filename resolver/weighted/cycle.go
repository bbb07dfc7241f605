package weighted

import (
	"cmp"
	"slices"
)

// longest is the most turns a cycle has, as long as there are fewer instances than that.
const longest = 1 << 14

// cycle is the order of one round: i appears weights[i] times (see reduce), at even distances. It is earliest
// deadline first: the k-th of w turns is due at (k+½)/w of the round.
func cycle(weights []uint64) []int32 {
	type turn struct {
		who     int32
		due, of uint64 // due/of of the round
	}
	var turns []turn
	for i, w := range reduce(weights) {
		for k := range w {
			turns = append(turns, turn{int32(i), 2*k + 1, 2 * w})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.due*b.of, b.due*a.of), cmp.Compare(a.who, b.who))
	})
	out := make([]int32, len(turns))
	for n, t := range turns {
		out[n] = t.who
	}
	return out
}

// reduce divides weights by what they have in common, and if their sum is still above longest rounds them to
// parts of that, each at least 1.
func reduce(weights []uint64) []uint64 {
	var common, sum uint64
	for _, w := range weights {
		common = gcd(common, w)
		sum += w
	}
	out := make([]uint64, len(weights))
	for i, w := range weights {
		out[i] = w / common
		if sum/common > longest {
			out[i] = max((w*longest+sum/2)/sum, 1)
		}
	}
	return out
}

func gcd(a, b uint64) uint64 {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
