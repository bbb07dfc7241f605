package stack

import (
	"testing"

	"devstack/stack/proc"
)

func TestNotesAreSentences(t *testing.T) {
	for want, n := range map[string]proc.Note{
		"Consul answers it again":                       {Kind: "consul-found"},
		"Consul does not answer it: connection refused": {Kind: "consul-lost", Err: "connection refused"},
	} {
		if got := noteWords(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
