package scenarios

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"devstack/stack"
)

// unfit says why the story cannot happen on a stack that is set up so, "" when it can as far as
// is known before there is one.
func (s *Scenario) unfit(c stack.Config) string {
	if why := s.shrunk(c.Consul); why != "" {
		return why
	}
	for _, st := range s.spec.Steps {
		if st.Inject == nil {
			continue
		}
		if why := unfitFault(st.Inject, c); why != "" {
			return fmt.Sprintf("step %s: %s", st.Name, why)
		}
	}
	return ""
}

// shrunk finds a Consul that is an only one of what the story is about several of.
func (s *Scenario) shrunk(c stack.ConsulConfig) string {
	own, err := configure(s.settings)
	if err != nil || c.Addr != "" { // a foreign one is refused in other words
		return ""
	}
	for _, part := range []struct {
		name      string
		told, has int
		least     int
	}{
		{"servers", own.Consul.Servers, c.Servers, 2},
		{"datacenters", own.Consul.Datacenters, c.Datacenters, 2},
		{"clients", own.Consul.Clients, c.Clients, 1},
	} {
		if part.told >= part.least && part.has < part.least {
			return fmt.Sprintf("the story is about a Consul of %s = %d, and this one has %d", part.name, part.told, part.has)
		}
	}
	return ""
}

// unfitFault says why the stack cannot have the fault.
func unfitFault(f *injectSpec, c stack.Config) string {
	word := constant(f.Target)
	consul := strings.HasPrefix(f.Kind, "consul-")
	switch {
	case consul && c.Consul.Addr != "":
		return fmt.Sprintf("%s: %v", f.Kind, stack.ErrForeign)
	case f.Kind == "consul-revoke" && !c.Consul.ACL:
		return fmt.Sprintf("%s: %v", f.Kind, stack.ErrNoACL)
	case strings.HasPrefix(f.Kind, "link-") && !c.Links:
		return fmt.Sprintf("%s: %v", f.Kind, stack.ErrNoLinks)
	}
	switch word {
	case "leader", "follower", "followers", "server-majority":
		if consul && c.Consul.Servers < 2 {
			return fmt.Sprintf("%s %s: with an only server there is nobody to follow or to take over; it takes servers = 3", f.Kind, word)
		}
	}
	return ""
}

// constant is the text of an expression that does not depend on a run, "" of any other.
func constant(x hcl.Expression) string {
	if x == nil {
		return ""
	}
	v, diags := x.Value(staticContext())
	if diags.HasErrors() || v.IsNull() || !v.Type().Equals(cty.String) {
		return ""
	}
	return v.AsString()
}
