package stack

import (
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"

	"devstack/timeline"
)

// code is the canonical spelling of a gRPC status code.
func code(c codes.Code) string { return timeline.Code(c.String()) }

// ordinal is the number at the end of a replica's name, 0 when it has none.
func ordinal(name string) int {
	i := strings.LastIndexByte(name, '-')
	n, err := strconv.Atoi(name[i+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}
