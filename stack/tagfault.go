package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/consul/api"

	"devstack/timeline"
)

// tagReplica gives a replica's entry other tags, as a deployment tool does to move traffic.
// The entry keeps its checks: a registration without any leaves them alone.
func tagReplica(ctx context.Context, _ *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	q := (&api.QueryOptions{}).WithContext(ctx)
	entry, _, err := r.agent.client.Agent().Service(r.Name, q)
	if err != nil {
		return nil, fmt.Errorf("read the entry of %s: %w", r.Name, err)
	}
	var tags []string
	if to := o.Args["to"]; to != "" {
		tags = strings.Split(to, ",")
	}
	old := slices.Clone(entry.Tags)
	if err := r.retag(ctx, entry, tags); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if !r.Running() {
			return nil
		}
		return r.retag(ctx, entry, old)
	}, nil
}

func (r *Replica) retag(ctx context.Context, entry *api.AgentService, tags []string) error {
	reg := &api.AgentServiceRegistration{
		ID: entry.ID, Name: entry.Service, Address: entry.Address, Port: entry.Port, Meta: entry.Meta, Tags: tags, Weights: &entry.Weights,
	}
	opts := api.ServiceRegisterOpts{}.WithContext(ctx)
	if err := r.agent.client.Agent().ServiceRegisterOpts(reg, opts); err != nil {
		return fmt.Errorf("give %s the tags %v: %w", entry.ID, tags, err)
	}
	r.stack.note(timeline.LogLine, timeline.Info, entry.ID, fmt.Sprintf("%s has the tags [%s]", entry.ID, strings.Join(tags, ", ")), nil)
	return nil
}
