package stack

import (
	"bytes"
	"runtime/pprof"
)

// resolverFrame is in the stack of every goroutine that a resolver of ours started.
const resolverFrame = "devstack/resolver"

// resolverGoroutines counts the goroutines of this process that are inside a resolver:
// what is left of a watch that nobody stopped. Stacks that are alike come as one record,
// which begins with their number.
func resolverGoroutines() int {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return 0
	}
	n := 0
	for record := range bytes.SplitSeq(profile.Bytes(), []byte("\n\n")) {
		if !bytes.Contains(record, []byte(resolverFrame)) {
			continue
		}
		n += leadingNumber(record)
	}
	return n
}

func leadingNumber(text []byte) int {
	n := 0
	for _, c := range bytes.TrimLeft(text, "\n") {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int(c-'0')
	}
	return n
}
