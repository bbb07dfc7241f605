package stack

import (
	"fmt"

	"devstack/greeter"
)

// haveHeartbeats says that one of the replicas sends none that could stop.
func haveHeartbeats(s *Stack, o Order) error {
	for _, name := range o.Targets {
		r, err := s.replica(name)
		if err != nil {
			return err
		}
		if kind := r.cfg.Check.Kind; kind != greeter.CheckTTL {
			return fmt.Errorf("%s has the check %s and sends no heartbeats (devstack up --check ttl)", name, kind)
		}
	}
	return nil
}
