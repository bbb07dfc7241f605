package stack

import (
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
)

// code is the canonical spelling of a gRPC status code, as the specification and other
// languages write it: DEADLINE_EXCEEDED, not DeadlineExceeded.
func code(c codes.Code) string {
	if c == codes.OK {
		return "OK"
	}
	var b strings.Builder
	for i, r := range c.String() {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// ordinal is the number at the end of a replica's name, 0 when it has none.
func ordinal(name string) int {
	i := strings.LastIndexByte(name, '-')
	n, err := strconv.Atoi(name[i+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}
