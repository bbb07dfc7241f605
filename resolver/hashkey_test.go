package resolver

import (
	"testing"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc/resolver/ringhash"
)

// ring_hash gives a replica that comes back on another port the keys that it had, and never takes one for another.
func TestTheHashKeyIsTheInstanceNotItsAddress(t *testing.T) {
	node := func(name string) func(*api.ServiceEntry) {
		return func(e *api.ServiceEntry) { e.Node.Node = name }
	}
	key := func(e *api.ServiceEntry) string {
		got, _ := shapeOf(Target{}, 1).instances([]*api.ServiceEntry{e})
		return ringhash.HashKey(state(got).Endpoints[0])
	}
	before := key(entry("web-1", "10.0.0.1", 80))
	if after := key(entry("web-1", "10.0.0.1", 81)); after != before || before == "" {
		t.Errorf("%q, and %q on another port", before, after)
	}
	if other := key(entry("web-1", "10.0.0.1", 80, node("elsewhere"))); other == before {
		t.Errorf("%q on two nodes", before)
	}
}
