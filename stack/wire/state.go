package wire

import "sync"

// state is a value that goroutines wait on to change.
type state[V any] struct {
	mu      sync.Mutex
	value   V
	changed chan struct{}
}

func newState[V any](v V) *state[V] { return &state[V]{value: v, changed: make(chan struct{})} }

// get is the value, and a channel that is closed when it changes.
func (s *state[V]) get() (V, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, s.changed
}

func (s *state[V]) set(v V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = v
	close(s.changed)
	s.changed = make(chan struct{})
}
