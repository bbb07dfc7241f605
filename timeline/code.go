package timeline

import "strings"

// Code is the canonical spelling of a gRPC status code, as the specification and other
// languages write it, of Go's name for it: DEADLINE_EXCEEDED, not DeadlineExceeded.
func Code(name string) string {
	if name == "OK" {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// ReplicaName is the name in a subject that Replica made.
func ReplicaName(subject string) string { return strings.TrimPrefix(subject, "replica/") }
