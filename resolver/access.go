package resolver

import (
	"net"
	"net/url"
	"strings"

	"github.com/hashicorp/consul/api"
)

// access is who to ask and as whom. It is comparable: equal accesses share connections.
type access struct {
	agents              string // separated by commas
	https               bool
	user, password      string
	token, tokenFile    string
	namespace, division string
	tls                 TLS
	client              *api.Client
}

// accessFor combines target, options and environment. It reads no file and no socket.
func (b *Builder) accessFor(t Target) access {
	if b.client != nil {
		return access{client: b.client, token: t.Token, tokenFile: b.tokenFile, agents: "WithClient", namespace: t.Namespace, division: t.Partition}
	}
	env := api.DefaultConfig()
	a := access{
		agents: env.Address, https: env.Scheme == "https" || t.TLS,
		user: b.user, password: b.password, token: t.Token, tokenFile: b.tokenFile,
		namespace: firstOf(t.Namespace, env.Namespace), division: firstOf(t.Partition, env.Partition),
		tls: b.tls.orEnv(env.TLSConfig),
	}
	a.tls.SkipVerify = a.tls.SkipVerify || t.SkipVerify
	if agents := firstList(t.Agents, b.agents); len(agents) > 0 {
		a.agents = strings.Join(agents, ",")
	}
	if env.HttpAuth != nil && a.user == "" {
		a.user, a.password = env.HttpAuth.Username, env.HttpAuth.Password
	}
	if t.Username != "" {
		a.user, a.password = t.Username, t.Password
	}
	if a.token == "" && a.tokenFile == "" {
		a.token, a.tokenFile = env.Token, env.TokenFile
	}
	if t.Token != b.params.Token {
		a.tokenFile = "" // the target's own token wins over everything
	}
	return a
}

func (t TLS) orEnv(env api.TLSConfig) TLS {
	t.ServerName = firstOf(t.ServerName, env.Address)
	t.CAFile = firstOf(t.CAFile, env.CAFile)
	t.CAPath = firstOf(t.CAPath, env.CAPath)
	t.CertFile = firstOf(t.CertFile, env.CertFile)
	t.KeyFile = firstOf(t.KeyFile, env.KeyFile)
	t.SkipVerify = t.SkipVerify || env.InsecureSkipVerify
	return t
}

func (t TLS) config() api.TLSConfig {
	return api.TLSConfig{Address: t.ServerName, CAFile: t.CAFile, CAPath: t.CAPath, CertFile: t.CertFile, KeyFile: t.KeyFile,
		CAPem: []byte(t.CAPEM), CertPEM: []byte(t.CertPEM), KeyPEM: []byte(t.KeyPEM), InsecureSkipVerify: t.SkipVerify}
}

// secrets is what must not show in any text.
func (a access) secrets() []string {
	out := []string{a.token, a.password, a.tls.KeyPEM}
	for _, agent := range list(a.agents) {
		_, password := userOf(agent)
		out = append(out, password)
	}
	return out
}

// config is the client configuration for one agent.
func (a access) config(agent string) *api.Config {
	c := api.DefaultConfig()
	user, password := userOf(agent)
	c.Address, c.TLSConfig = withPort(withoutUser(agent)), a.tls.config()
	c.Namespace, c.Partition = a.namespace, a.division
	c.Token, c.TokenFile = a.token, ""
	c.Scheme = "http"
	if a.https {
		c.Scheme = "https"
	}
	c.HttpAuth = nil
	if user == "" {
		user, password = a.user, a.password
	}
	if user != "" {
		c.HttpAuth = &api.HttpBasicAuth{Username: user, Password: password}
	}
	return c
}

// withPort adds Consul's default port to a bare host.
func withPort(agent string) string {
	if strings.Contains(agent, "://") {
		return agent
	}
	if _, _, err := net.SplitHostPort(agent); err == nil {
		return agent
	}
	return net.JoinHostPort(strings.Trim(agent, "[]"), "8500")
}

// userOf is the userinfo in an agent's URL.
func userOf(agent string) (user, password string) {
	u, err := url.Parse(agent)
	if err != nil || u.User == nil {
		return "", ""
	}
	password, _ = u.User.Password()
	return u.User.Username(), password
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func firstList(lists ...[]string) []string {
	for _, l := range lists {
		if len(l) > 0 {
			return l
		}
	}
	return nil
}
