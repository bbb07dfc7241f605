package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"
)

const aclRetry = 20 * time.Millisecond

// security is how Consul is reached and as whom. Its zero value is plain HTTP for anybody.
type security struct {
	keys *keys      // nil without ACLs
	ca   *authority // nil without TLS
}

// secure makes what cfg asks for, and writes what people at a shell need of it.
func (c *cluster) secure(cfg Config) (err error) {
	dir := filepath.Join(cfg.Dir, ConsulDir, "access")
	if cfg.Consul.TLS {
		if c.security.ca, err = newAuthority(dir); err != nil {
			return err
		}
	}
	if cfg.Consul.ACL {
		c.security.keys = newKeys(c.agents)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("keep the operator's token: %w", err)
		}
		if err := os.WriteFile(tokenFile(cfg), []byte(c.security.keys.operator), 0o600); err != nil {
			return fmt.Errorf("keep the operator's token: %w", err)
		}
	}
	for _, a := range c.agents {
		a.security = c.security
	}
	return nil
}

// tokenFile has the operator's token, for a person's own tools; it goes with the stack.
func tokenFile(cfg Config) string {
	return filepath.Join(cfg.Dir, ConsulDir, "access", "operator-token")
}

// forget removes keys and certificates.
func (c *cluster) forget() {
	if len(c.agents) == 0 || c.security == (security{}) {
		return
	}
	dir := filepath.Join(c.agents[0].cfg.Dir, ConsulDir)
	os.RemoveAll(filepath.Join(dir, "access"))
	os.Remove(dir) // when it is empty
}

// token is a part's secret, the foreign Consul's one for all, or none.
func (s security) token(c ConsulConfig, part string) string {
	if s.keys == nil {
		return c.Token
	}
	return s.keys.parts[part]
}

// env is the environment of a child that talks to Consul as part. What the user's own says
// of some other Consul is left out.
func (s security) env(c ConsulConfig, part string) []string {
	var env []string
	for _, e := range os.Environ() {
		if c.Addr != "" || !strings.HasPrefix(e, "CONSUL_") {
			env = append(env, e)
		}
	}
	if token := s.token(c, part); token != "" {
		env = append(env, api.HTTPTokenEnvName+"="+token)
	}
	if s.ca != nil {
		env = append(env, api.HTTPSSLEnvName+"=true", api.HTTPCAFile+"="+s.ca.file())
	}
	return env
}

// hcl is the part of an agent's configuration that is about security.
func (a *Agent) securityHCL() ([]string, error) {
	var hcl []string
	if a.security.keys != nil {
		hcl = append(hcl, `primary_datacenter = "dc1"`, `acl { enabled = true, default_policy = "deny" }`)
	}
	if a.security.ca == nil {
		return hcl, nil
	}
	cert, key, err := a.security.ca.issue(a)
	if err != nil {
		return nil, err
	}
	return append(hcl, fmt.Sprintf(`tls {
  defaults { ca_file = %q, cert_file = %q, key_file = %q, verify_outgoing = true }
  internal_rpc { verify_incoming = true, verify_server_hostname = true }
}`, a.security.ca.file(), cert, key)), nil
}

// as is a client of the agent that acts with the secret of a part, or as the operator.
func (a *Agent) as(part string) (*api.Client, error) {
	c := a.clientConfig()
	if a.security.keys != nil {
		c.Token = a.security.keys.operator
		if part != "" {
			c.Token = a.security.keys.parts[part]
		}
	}
	client, err := api.NewClient(c)
	if err != nil {
		return nil, fmt.Errorf("configure the Consul client: %w", err)
	}
	a.pools = append(a.pools, c.HttpClient)
	return client, nil
}
