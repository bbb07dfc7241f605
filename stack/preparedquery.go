package stack

import (
	"context"
	"fmt"
	"net/url"

	"github.com/hashicorp/consul/api"
)

// prepareQuery gives the service a prepared query of its own name, when there is more than
// one datacenter: it finds the passing instances at home or, while there are none, those
// of the other datacenters in their order.
func (s *Stack) prepareQuery(ctx context.Context) error {
	n := s.cfg.Consul.Datacenters
	if n < 2 {
		return nil
	}
	q := &api.PreparedQueryDefinition{Name: s.cfg.Service, Service: api.ServiceQuery{Service: s.cfg.Service, OnlyPassing: true}}
	for dc := 2; dc <= n; dc++ {
		q.Service.Failover.Datacenters = append(q.Service.Failover.Datacenters, fmt.Sprintf("dc%d", dc))
	}
	if _, _, err := s.Agent().client.PreparedQuery().Create(q, (&api.WriteOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("prepare the query %s: %w", q.Name, err)
	}
	return nil
}

// path is what the consul:// target names: the service, unless a prepared query is asked instead.
func (c Config) path() string {
	if params, err := url.ParseQuery(c.Query); err == nil && params.Has("query") {
		return "/"
	}
	return "/" + c.Service
}
