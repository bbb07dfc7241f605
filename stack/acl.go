package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/consul/api"
)

// Who in a stack has an ACL token of its own. No part may do more than its work needs; only
// faults and set-up act as the operator.
const (
	partReplicas = "replicas"
	partResolver = "resolver"
	partObserver = "observer"
)

// Parts lists the parts whose rights a fault may take away.
func Parts() []string { return []string{partReplicas, partResolver, partObserver} }

// keys are the ACL tokens of a stack whose Consul denies by default. They are made up before
// Consul is there, so that one that forgot everything can be given the same again, and they
// live in memory only. Its methods may be called concurrently.
type keys struct {
	operator string            // Consul's bootstrap token
	parts    map[string]string // part → secret
	agents   map[string]string // agent → secret

	mu sync.Mutex // one set-up at a time
}

func newKeys(agents []*Agent) *keys {
	k := &keys{operator: uuid.NewString(), parts: map[string]string{}, agents: map[string]string{}}
	for _, part := range Parts() {
		k.parts[part] = uuid.NewString()
	}
	for _, a := range agents {
		k.agents[a.Name] = uuid.NewString()
	}
	return k
}

// rules are what a part may do, in Consul's own words.
func rules(part, service string) string {
	switch part {
	case partReplicas:
		return fmt.Sprintf("service %q { policy = \"write\" }", service)
	case partResolver:
		return fmt.Sprintf("service %q { policy = \"read\" }\nnode_prefix \"\" { policy = \"read\" }", service)
	default:
		return `service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
agent_prefix "" { policy = "read" }`
	}
}

func policyName(part string) string { return "devstack-" + part }

// admit makes sure that Consul knows the tokens and that a has its own; a knows a leader.
func (k *keys) admit(ctx context.Context, a *Agent) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	acl := a.client.ACL()
	read := (&api.QueryOptions{}).WithContext(ctx)
	if _, _, err := acl.TokenReadSelf(read); err != nil {
		if err := k.bootstrap(ctx, a); err != nil {
			return fmt.Errorf("set up the ACLs of %s: %w", a.Name, err)
		}
	}
	if err := k.introduce(ctx, a); err != nil {
		return fmt.Errorf("set up the ACLs of %s: %w", a.Name, err)
	}
	write := (&api.WriteOptions{}).WithContext(ctx)
	if _, err := a.client.Agent().UpdateAgentACLToken(k.agents[a.Name], write); err != nil {
		return fmt.Errorf("give %s its own token: %w", a.Name, err)
	}
	return nil
}

// bootstrap makes the operator's token and what the parts may do. A client agent may know of
// a leader that is not ready to write yet.
func (k *keys) bootstrap(ctx context.Context, a *Agent) error {
	for {
		_, _, err := a.client.ACL().BootstrapWithToken(k.operator)
		if err == nil || strings.Contains(err.Error(), "no longer allowed") {
			break
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
		sleep(ctx, aclRetry)
	}
	for _, part := range Parts() {
		if err := k.grant(ctx, a, part); err != nil {
			return err
		}
	}
	return nil
}

// grant makes the part's policy, or gives it its rules back, and makes its token.
func (k *keys) grant(ctx context.Context, a *Agent, part string) error {
	write := (&api.WriteOptions{}).WithContext(ctx)
	policy := &api.ACLPolicy{Name: policyName(part), Rules: rules(part, a.cfg.Service)}
	known, _, err := a.client.ACL().PolicyReadByName(policy.Name, (&api.QueryOptions{}).WithContext(ctx))
	if err == nil && known != nil {
		policy.ID = known.ID
		_, _, err = a.client.ACL().PolicyUpdate(policy, write)
	} else {
		_, _, err = a.client.ACL().PolicyCreate(policy, write)
	}
	if err != nil {
		return fmt.Errorf("write the policy of the %s: %w", part, err)
	}
	return k.token(ctx, a, &api.ACLToken{
		SecretID: k.parts[part], Description: "devstack: " + part, Policies: []*api.ACLTokenPolicyLink{{Name: policy.Name}},
	})
}

// introduce makes the token of the agent itself.
func (k *keys) introduce(ctx context.Context, a *Agent) error {
	return k.token(ctx, a, &api.ACLToken{
		SecretID: k.agents[a.Name], Description: "devstack: " + a.Name,
		NodeIdentities: []*api.ACLNodeIdentity{{NodeName: a.Name, Datacenter: a.DC}},
	})
}

// token makes t unless there is one of that secret.
func (k *keys) token(ctx context.Context, a *Agent, t *api.ACLToken) error {
	if _, err := k.accessor(ctx, a, t.SecretID); err == nil {
		return nil
	}
	if _, _, err := a.client.ACL().TokenCreate(t, (&api.WriteOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("make the token %q: %w", t.Description, err)
	}
	return nil
}

// accessor is the public name of the token with this secret.
func (k *keys) accessor(ctx context.Context, a *Agent, secret string) (string, error) {
	t, _, err := a.client.ACL().TokenReadSelf((&api.QueryOptions{Token: secret}).WithContext(ctx))
	if err != nil {
		return "", fmt.Errorf("look a token up: %w", err)
	}
	return t.AccessorID, nil
}

// ErrNoACL is what a fault meets that takes away rights where everybody has all.
var ErrNoACL = errors.New("this Consul has no ACLs (devstack up --acl)")
