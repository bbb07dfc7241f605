package stack

import (
	"context"
	"fmt"

	"github.com/hashicorp/consul/api"
)

// How a part loses its rights: Consul answers the two quite differently.
const (
	loseToken = "token" // the token is deleted: 403
	loseRules = "rules" // the token stays, its policy grants nothing: an empty list with status 200
)

// revokeRights takes away what a part may do; healing gives the same secret the same rights.
// What a client agent decides itself, such as who may register with it, it goes on deciding
// with what it has cached of a token, for up to 30 s.
func revokeRights(ctx context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	a, k := o.agents[0], s.agents.security.keys
	part := o.Args["part"]
	take := k.revoke
	if o.Args["lose"] == loseRules {
		take = k.strip
	}
	if err := take(ctx, a, part); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return k.grant(ctx, a, part) }, nil
}

// haveACL says that there are no rights to take away.
func haveACL(s *Stack, _ Order) error {
	if s.agents.security.keys == nil {
		return ErrNoACL
	}
	return nil
}

// revoke deletes the part's token.
func (k *keys) revoke(ctx context.Context, a *Agent, part string) error {
	id, err := k.accessor(ctx, a, k.parts[part])
	if err != nil {
		return err
	}
	if _, err := a.client.ACL().TokenDelete(id, (&api.WriteOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("delete the token of the %s: %w", part, err)
	}
	return nil
}

// strip leaves the part its token and takes every right from it.
func (k *keys) strip(ctx context.Context, a *Agent, part string) error {
	policy, _, err := a.client.ACL().PolicyReadByName(policyName(part), (&api.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("read the policy of the %s: %w", part, err)
	}
	policy.Rules = ""
	if _, _, err := a.client.ACL().PolicyUpdate(policy, (&api.WriteOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("empty the policy of the %s: %w", part, err)
	}
	return nil
}
