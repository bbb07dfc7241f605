package metrics

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/consul/api"
	"go.uber.org/goleak"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/serviceconfig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// consul is the service web under a test's command. It answers blocking queries when told something new.
type consul struct {
	*httptest.Server
	mu       sync.Mutex
	index    uint64
	ports    []int
	status   int
	filtered bool
	changed  chan struct{}
}

func newConsul(t *testing.T) *consul {
	c := &consul{index: 100, status: http.StatusOK, changed: make(chan struct{})}
	c.Server = httptest.NewServer(c)
	t.Cleanup(func() { c.CloseClientConnections(); c.Server.Close() })
	return c
}

// change answers those who wait, whatever the index.
func (c *consul) change(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.index++
	do()
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *consul) set(ports ...int) { c.change(func() { c.ports = ports }) }

func (c *consul) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, _ := strconv.ParseUint(r.FormValue("index"), 10, 64)
	c.mu.Lock()
	if changed := c.changed; asked == c.index && c.status == http.StatusOK {
		c.mu.Unlock()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	w.Header().Set("X-Consul-Index", strconv.FormatUint(c.index, 10))
	w.Header().Set("X-Consul-LastContact", "0") // without it the client reads no header after it
	w.Header().Set("X-Consul-KnownLeader", "true")
	w.Header().Set("X-Consul-Results-Filtered-By-ACLs", strconv.FormatBool(c.filtered))
	w.WriteHeader(c.status)
	entries := []*api.ServiceEntry{}
	for _, p := range c.ports {
		entries = append(entries, &api.ServiceEntry{Node: &api.Node{}, Service: &api.AgentService{Service: "web", Address: "127.0.0.1", Port: p}})
	}
	_ = json.NewEncoder(w).Encode(entries)
}

// target is the target of web, as the resolver would show it.
func (c *consul) target() string {
	return "consul://" + strings.TrimPrefix(c.URL, "http://") + "/web"
}

// channel takes what a resolver says, and has no opinion.
type channel struct{ grpcresolver.ClientConn }

func (channel) UpdateState(grpcresolver.State) error { return nil }
func (channel) ReportError(error)                    {}
func (channel) ParseServiceConfig(string) *serviceconfig.ParseResult {
	return &serviceconfig.ParseResult{}
}

func build(t *testing.T, b grpcresolver.Builder, c *consul) grpcresolver.Resolver {
	t.Helper()
	return buildAt(t, b, c.target())
}

func buildAt(t *testing.T, b grpcresolver.Builder, target string) grpcresolver.Resolver {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Build(grpcresolver.Target{URL: *u}, channel{}, grpcresolver.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}
