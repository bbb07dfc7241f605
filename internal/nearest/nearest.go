// Package nearest guesses what was meant by a name that nobody has.
package nearest

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Of returns the one of names that typed was probably meant to be: the one it begins, or
// the one that fewest edits lead to, as long as those are less than half of what was
// typed and at most three. Among equals the first by alphabet wins.
func Of(typed string, names []string) (string, bool) {
	best, distance := "", 4
	for _, n := range slices.Sorted(slices.Values(names)) {
		d := levenshtein.Distance(typed, n, nil)
		begun := len(typed) > 1 && strings.HasPrefix(n, typed)
		if begun || swapped(typed, n) {
			d = min(d, 1)
		}
		if d < distance && (begun || 2*d < len(typed)) {
			best, distance = n, d
		}
	}
	return best, best != ""
}

// swapped reports whether b is a with two neighbours exchanged, the commonest slip that
// counts as two edits.
func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) - 1 {
		if a[:i]+a[i+1:i+2]+a[i:i+1]+a[i+2:] == b {
			return true
		}
	}
	return false
}
