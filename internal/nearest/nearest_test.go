package nearest

import "testing"

func TestOf(t *testing.T) {
	names := []string{"grpc", "http", "kill-node", "replicas", "scenario", "tcp", "ttl", "up"}
	for typed, want := range map[string]string{
		"kil-node": "kill-node", "replicaz": "replicas", "replciaz": "replicas", "upp": "up", "scen": "scenario", "htpp": "http",
		"icmp": "", "grcp": "grpc", "x": "", "": "", "tc": "tcp", "round": "", "Replicas": "replicas",
	} {
		got, ok := Of(typed, names)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
