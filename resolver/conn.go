package resolver

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/hashicorp/consul/api"
)

// conn is the connections of one access: a client for the agent in use, made when it is first needed and again
// when one of its files changes. Watches share it.
type conn struct {
	access
	agentList []string

	users int // guarded by the Builder's lock

	mu     sync.Mutex
	at     int // index of the agent in use
	made   *api.Client
	config *api.Config
	stamp  string // of the TLS files made was made from

	tokenStamp, fileToken string
}

func newConn(a access) *conn { return &conn{access: a, agentList: list(a.agents)} }

// use returns a client, the name of its agent and the token to ask with. Its error is a *configError.
func (c *conn) use() (client *api.Client, agent, token string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	agent = withoutUser(c.agentList[c.at])
	if token, err = c.currentToken(); err != nil {
		return nil, agent, "", &configError{err}
	}
	if c.client != nil {
		return c.client, agent, token, nil
	}
	stamp := fileStamp(c.tls.CAFile, c.tls.CAPath, c.tls.CertFile, c.tls.KeyFile)
	if c.made == nil || stamp != c.stamp {
		c.drop()
		config := c.access.config(c.agentList[c.at])
		if c.made, err = api.NewClient(config); err != nil {
			return nil, agent, "", &configError{err}
		}
		c.config, c.stamp = config, stamp
	}
	return c.made, agent, token, nil
}

// failed moves on to the next agent, unless another watch has already moved away from this one.
func (c *conn) failed(client *api.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.agentList) < 2 || client == nil || client != c.made {
		return
	}
	c.at = (c.at + 1) % len(c.agentList)
	c.drop()
}

func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop()
}

// drop forgets the client and its idle connections; a query in flight ends on its own.
func (c *conn) drop() {
	if c.config != nil && c.config.HttpClient != nil {
		c.config.HttpClient.CloseIdleConnections()
	}
	c.made, c.config = nil, nil
}

// currentToken reads the token file when it has changed. A file that has become unreadable or empty leaves the
// last token: rotation often truncates before it writes.
func (c *conn) currentToken() (string, error) {
	if c.tokenFile == "" {
		return c.token, nil
	}
	stamp := fileStamp(c.tokenFile)
	if stamp == c.tokenStamp && c.fileToken != "" {
		return c.fileToken, nil
	}
	data, err := os.ReadFile(c.tokenFile)
	token := strings.TrimSpace(string(data))
	switch {
	case token != "":
		c.fileToken, c.tokenStamp = token, stamp
	case c.fileToken != "":
	case err != nil:
		return "", fmt.Errorf("token file: %w", err)
	default:
		return "", fmt.Errorf("token file %s is empty", c.tokenFile)
	}
	return c.fileToken, nil
}

// fileStamp changes when one of the files does.
func fileStamp(paths ...string) string {
	var s strings.Builder
	for _, p := range paths {
		if p == "" {
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			fmt.Fprintf(&s, "%s:gone;", p)
			continue
		}
		fmt.Fprintf(&s, "%s:%d:%d;", p, info.Size(), info.ModTime().UnixNano())
	}
	return s.String()
}
