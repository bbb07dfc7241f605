package timeline

import (
	"strings"
	"testing"
)

// A sentence has room for eight names, and for ninety-five it counts.
func TestFewNames(t *testing.T) {
	all := strings.Fields(strings.Repeat("x ", 100))
	for n, want := range map[int]string{
		0: "", 1: "x", 8: "x, x, x, x, x, x, x, x", 9: "x, x, x, x, x and 4 more", 100: "x, x, x, x, x and 95 more",
	} {
		if got := Few(all[:n], ", "); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
