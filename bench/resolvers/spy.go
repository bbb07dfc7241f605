package resolvers

import (
	"slices"
	"strings"
	"sync"

	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/serviceconfig"
)

// Spy is the channel's side of a resolver: it remembers what it was given. Its methods may
// be called concurrently.
type Spy struct {
	grpcresolver.ClientConn

	mu     sync.Mutex
	states []grpcresolver.State
}

// UpdateState keeps s.
func (s *Spy) UpdateState(st grpcresolver.State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states = append(s.states, st)
	return nil
}

// ReportError, NewAddress and ParseServiceConfig do nothing.
func (s *Spy) ReportError(error)                 {}
func (s *Spy) NewAddress([]grpcresolver.Address) {}
func (s *Spy) ParseServiceConfig(string) *serviceconfig.ParseResult {
	return &serviceconfig.ParseResult{}
}

// Updates counts the states so far.
func (s *Spy) Updates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.states)
}

// Has is the newest list, "-" before there is one.
func (s *Spy) Has() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.states) == 0 {
		return "-"
	}
	return strings.Join(Addresses(s.states[len(s.states)-1]), " ")
}

// Addresses lists every address of st once, in order.
func Addresses(st grpcresolver.State) []string {
	var out []string
	for _, e := range st.Endpoints {
		for _, a := range e.Addresses {
			out = append(out, a.Addr)
		}
	}
	for _, a := range st.Addresses {
		out = append(out, a.Addr)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
