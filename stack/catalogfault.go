package stack

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/consul/api"
)

// uncatalogReplica deletes a replica from the servers' catalog and says nothing to the agent
// that has it. The agent, whose word counts, writes it again at its next full sync, one to
// two minutes after the last. The undo does not wait for that.
func uncatalogReplica(ctx context.Context, _ *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	a := r.agent
	was, err := a.cataloged(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	dereg := &api.CatalogDeregistration{Node: a.Name, Datacenter: a.DC, ServiceID: r.Name}
	if _, err := a.client.Catalog().Deregister(dereg, (&api.WriteOptions{}).WithContext(ctx)); err != nil {
		return nil, fmt.Errorf("delete %s from the catalog: %w", r.Name, err)
	}
	return func(ctx context.Context) error { return a.recatalog(ctx, was) }, nil
}

// cataloged is what the catalog says of service id on node a, in the form that it is
// written in.
func (a *Agent) cataloged(ctx context.Context, id string) (*api.CatalogRegistration, error) {
	q := (&api.QueryOptions{}).WithContext(ctx)
	node, _, err := a.client.Catalog().Node(a.Name, q)
	if err != nil {
		return nil, fmt.Errorf("read %s from the catalog: %w", id, err)
	}
	if node == nil || node.Services[id] == nil {
		return nil, fmt.Errorf("%s is not in the catalog", id)
	}
	checks, _, err := a.client.Health().Node(a.Name, q)
	if err != nil {
		return nil, fmt.Errorf("read the checks of %s from the catalog: %w", id, err)
	}
	return &api.CatalogRegistration{
		Node: a.Name, Datacenter: a.DC, Address: node.Node.Address, SkipNodeUpdate: true, Service: node.Services[id],
		Checks: slices.DeleteFunc(checks, func(c *api.HealthCheck) bool { return c.ServiceID != id }),
	}, nil
}

// recatalog writes was again. What the agent has put there meanwhile is newer, and what the
// agent has not any more is not to come back.
func (a *Agent) recatalog(ctx context.Context, was *api.CatalogRegistration) error {
	id := was.Service.ID
	if _, err := a.cataloged(ctx, id); err == nil {
		return nil
	}
	has, err := a.client.Agent().ServicesWithFilterOpts("", (&api.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("ask %s whether it has %s: %w", a.Name, id, err)
	}
	if has[id] == nil {
		return nil
	}
	if _, err := a.client.Catalog().Register(was, (&api.WriteOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("write %s to the catalog again: %w", id, err)
	}
	return nil
}
