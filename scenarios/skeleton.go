package scenarios

import (
	"fmt"
	"maps"
	"strings"
)

// Skeleton is the text of a small scenario that runs as it is.
func Skeleton(name string) ([]byte, error) {
	if !identifier(strings.ReplaceAll(name, "-", "_")) {
		return nil, fmt.Errorf("%q is not a name of small letters, digits and hyphens", name)
	}
	return fmt.Appendf(nil, skeleton, name), nil
}

const skeleton = `scenario "%s" {
  title   = "What happens when …"
  tier    = 1
  teaches = []

  topology {
    replicas = 3
  }
  load {
    rate = 200
  }

  step "break" {
    inject "kill" {
      target = one
    }
    until = ready(replicas - 1)
    wait  = "2s"
  }
  step "repair" {
    heal  = "break"
    until = balanced(replicas)
  }

  expect "few RPCs fail" {
    max  = break.in_flight + 1
    of   = break.failed
    unit = "RPC"
  }
}
`

// Resolve is every setting of the scenario with those of set on top, for the record.
func (s *Scenario) Resolve(set map[string]string) map[string]string {
	m := maps.Clone(s.settings)
	maps.Copy(m, set)
	return m
}
