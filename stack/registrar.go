package stack

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/greeter"
	"devstack/timeline"
)

// Who registers a replica: it does so itself, or the stack does it through the agent's API,
// as a deployment tool would: once, when it has started the process, and never again.
const (
	RegisterSelf  = "self"
	RegisterAgent = "agent"
)

// registers reports whether the stack is the registrar.
func (r *Replica) registers() bool { return r.cfg.Replica.Register == RegisterAgent }

// enrol registers a replica that listens. A replica that registers itself needs none of it.
func (r *Replica) enrol(ctx context.Context) error {
	if !r.registers() {
		return nil
	}
	if err := r.agent.await(ctx); err != nil { // an agent without a leader would sync much later
		return err
	}
	entry, err := r.entry()
	if err != nil {
		return err
	}
	opts := api.ServiceRegisterOpts{ReplaceExistingChecks: true}
	if err := r.agent.client.Agent().ServiceRegisterOpts(entry, opts.WithContext(ctx)); err != nil {
		return fmt.Errorf("register %s: %w", r.Name, err)
	}
	r.stack.note(timeline.ReplicaRegistered, timeline.Info, r.Name, r.Name+" was registered with Consul by the registrar", nil)
	return nil
}

func (r *Replica) entry() (*api.AgentServiceRegistration, error) {
	addr := r.Info().Addr
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", r.Name, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("register %s: port of %s: %w", r.Name, addr, err)
	}
	c := r.cfg.Check
	var weights *api.AgentWeights
	if r.weight > 0 {
		weights = &api.AgentWeights{Passing: r.weight, Warning: 1}
	}
	check := &api.AgentServiceCheck{
		CheckID: "service:" + r.Name, Interval: c.Interval.String(), Timeout: c.Timeout.String(), Status: api.HealthPassing,
		FailuresBeforeCritical: c.FailuresBeforeCritical, SuccessBeforePassing: c.SuccessBeforePassing,
	}
	if c.Kind == greeter.CheckTCP {
		check.TCP = addr
	} else {
		check.GRPC = addr
	}
	return &api.AgentServiceRegistration{ID: r.Name, Name: r.cfg.Service, Address: host, Port: port, Tags: r.cfg.Replica.Tags, Weights: weights, Check: check}, nil
}

// dismiss is the registrar's part of an orderly end: deregister, and give the news time.
func (r *Replica) dismiss() {
	if !r.registers() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := r.agent.client.Agent().ServiceDeregisterOpts(r.Name, (&api.QueryOptions{}).WithContext(ctx)); err != nil {
		r.stack.cfg.Log.Warn("deregister", "replica", r.Name, "err", err)
	}
	sleep(ctx, r.cfg.Replica.Settle)
}

// terminate asks the replica to stop, in the order of whoever registered it.
func (r *Replica) terminate() error {
	r.dismiss()
	return r.process().Terminate()
}
