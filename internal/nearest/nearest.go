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
		if begun {
			d = min(d, 1)
		}
		if d < distance && (begun || 2*d < len(typed)) {
			best, distance = n, d
		}
	}
	return best, best != ""
}
