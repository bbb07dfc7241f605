package timeline

import (
	"fmt"
	"strings"
)

// fewAtMost is how many names a sentence takes before it only counts them.
const fewAtMost = 8

// Few joins names for a sentence: all of a short list, and of a long one the first and how
// many more. The list as it is belongs into a payload.
func Few(names []string, sep string) string {
	if len(names) <= fewAtMost {
		return strings.Join(names, sep)
	}
	const first = fewAtMost - 3
	return strings.Join(names[:first], sep) + fmt.Sprintf(" and %d more", len(names)-first)
}
