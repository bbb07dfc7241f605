package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/consul/api"
)

// How a part loses its rights: Consul answers the two quite differently.
const (
	loseToken = "token" // the token is deleted: 403
	loseRules = "rules" // the token stays, its policy grants nothing: an empty list with status 200
)

// revokeRights takes away what a part may do; healing gives the same secret the same rights.
// A client agent goes on with what it has cached of a token for up to 30 s.
func revokeRights(ctx context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	a, k := o.agents[0], s.agents.security.keys
	if k == nil {
		return nil, ErrNoACL
	}
	part, lose := partResolver, loseToken
	if text, ok := o.Args["part"]; ok {
		part = text
	}
	if text, ok := o.Args["lose"]; ok {
		lose = text
	}
	if !slices.Contains(Parts(), part) {
		return nil, fmt.Errorf("part: unknown %q (have %s)", part, strings.Join(Parts(), ", "))
	}
	write := (&api.WriteOptions{}).WithContext(ctx)
	switch lose {
	case loseToken:
		id, err := k.accessor(ctx, a, k.parts[part])
		if err != nil {
			return nil, err
		}
		if _, err := a.client.ACL().TokenDelete(id, write); err != nil {
			return nil, fmt.Errorf("delete the token of the %s: %w", part, err)
		}
	case loseRules:
		if err := k.strip(ctx, a, part); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("lose: unknown %q (have %s, %s)", lose, loseToken, loseRules)
	}
	return func(ctx context.Context) error { return k.grant(ctx, a, part) }, nil
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
