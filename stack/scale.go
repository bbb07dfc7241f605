package stack

import (
	"context"
	"fmt"
	"slices"
)

// Scale brings the number of replicas in the client's datacenter to n. New ones get the next numbers, and Scale
// returns when they listen; surplus ones, the youngest first, are stopped in their
// configured order and forgotten. It returns the names of those added or removed.
func (s *Stack) Scale(ctx context.Context, n int) (added, removed []string, err error) {
	if n < 0 || n > MaxReplicas {
		return nil, nil, fmt.Errorf("%w: replicas: %d is not in 0 to %d", ErrConfig, n, MaxReplicas)
	}
	for have := s.nearby(); have < n; have++ {
		r, err := s.addReplica(s.nextName(), homeDC)
		if err != nil {
			return added, nil, err
		}
		added = append(added, r.Name)
	}
	for _, name := range added {
		r, _ := s.replica(name)
		if err := r.await(ctx); err != nil {
			return added, nil, err
		}
	}
	for s.nearby() > n {
		r := s.dropYoungest()
		r.dismiss()
		r.stop(s.now)
		removed = append(removed, r.Name)
	}
	return added, removed, nil
}

func (s *Stack) nextName() string {
	highest := 0
	for _, r := range s.all() {
		highest = max(highest, ordinal(r.Name))
	}
	return fmt.Sprintf("%s-%d", s.cfg.Service, highest+1)
}

// nearby counts the replicas of the client's datacenter.
func (s *Stack) nearby() int {
	n := 0
	for _, r := range s.all() {
		if r.agent.DC == homeDC {
			n++
		}
	}
	return n
}

func (s *Stack) dropYoungest() *Replica {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.replicas) - 1
	for s.replicas[last].agent.DC != homeDC {
		last--
	}
	r := s.replicas[last]
	s.replicas = slices.Delete(s.replicas, last, last+1)
	return r
}
