package stack

import "devstack/stack/proc"

// noteWords is a note that is no fact of its own type as a sentence, with its reason if it
// has one.
func noteWords(n proc.Note) string {
	words := map[string]string{
		"forgotten": "Consul forgot it", "refused": "Consul refused it", "consul-lost": "Consul does not answer it",
		"consul-found": "Consul answers it again", "calls-cut-off": "its calls in flight were cut off",
	}[n.Kind]
	if n.Err != "" {
		words += ": " + n.Err
	}
	return words
}
