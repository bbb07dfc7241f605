package naive

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"go.uber.org/goleak"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/serviceconfig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// consul answers each query by what the test sends; the indexes that were asked with are kept.
type consul struct {
	*httptest.Server
	answers chan func(http.ResponseWriter)

	mu    sync.Mutex
	asked []string
}

func newConsul(t *testing.T) *consul {
	c := &consul{answers: make(chan func(http.ResponseWriter), 8)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.asked = append(c.asked, r.FormValue("index"))
		c.mu.Unlock()
		select {
		case answer := <-c.answers:
			answer(w)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *consul) indexes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.asked...)
}

func list(index uint64, ports ...int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("X-Consul-Index", strconv.FormatUint(index, 10))
		entries := []*api.ServiceEntry{}
		for _, p := range ports {
			entries = append(entries, &api.ServiceEntry{Service: &api.AgentService{Address: "127.0.0.1", Port: p}})
		}
		_ = json.NewEncoder(w).Encode(entries)
	}
}

// channel takes what the resolver says.
type channel struct {
	grpcresolver.ClientConn
	states chan grpcresolver.State
	errors chan error
}

func (c *channel) UpdateState(s grpcresolver.State) error { c.states <- s; return nil }
func (c *channel) ReportError(err error)                  { c.errors <- err }
func (c *channel) ParseServiceConfig(string) *serviceconfig.ParseResult {
	return &serviceconfig.ParseResult{}
}

func build(t *testing.T, b *Builder, c *consul) (*channel, grpcresolver.Resolver) {
	t.Helper()
	cc := &channel{states: make(chan grpcresolver.State, 8), errors: make(chan error, 8)}
	at, _ := url.Parse(c.URL)
	r, err := b.Build(grpcresolver.Target{URL: url.URL{Scheme: "consul", Host: at.Host, Path: "/web"}}, cc, grpcresolver.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return cc, r
}

func receive[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("never: %s", what)
		panic("unreachable")
	}
}

func TestItWorksOnAGoodDay(t *testing.T) {
	c, b := newConsul(t), NewBuilder(nil)
	defer b.Close()
	cc, _ := build(t, b, c)
	c.answers <- list(7, 9000, 9001)
	if s := receive(t, "a list", cc.states); len(s.Addresses) != 2 || s.Addresses[1].Addr != "127.0.0.1:9001" {
		t.Errorf("%+v", s)
	}
}

// Each fault that the lab shows is really there.
func TestAnErrorIsACrash(t *testing.T) {
	c := newConsul(t)
	crashes := make(chan error, 1)
	b := NewBuilder(func(err error) { crashes <- err })
	defer b.Close()
	cc, _ := build(t, b, c)
	c.answers <- list(7, 9000)
	receive(t, "a list", cc.states)
	c.answers <- func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }
	receive(t, "the error", cc.errors)
	receive(t, "the crash", crashes)
	for b.Watching() != 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestAnIndexThatWentBackIsBelieved(t *testing.T) {
	c, b := newConsul(t), NewBuilder(nil)
	defer b.Close()
	cc, _ := build(t, b, c)
	c.answers <- list(1000, 9000)
	receive(t, "a list", cc.states)
	c.answers <- list(20, 9001)
	receive(t, "a second", cc.states)
	c.answers <- list(21, 9001)
	receive(t, "a third", cc.states)
	if got := c.indexes(); got[1] != "1000" || got[2] != "20" {
		t.Errorf("asked with %v", got)
	}
}

func TestCloseLeavesTheWatcherBehind(t *testing.T) {
	c, b := newConsul(t), NewBuilder(nil)
	for range 3 {
		_, r := build(t, b, c)
		r.Close()
	}
	if n := b.Watching(); n != 3 {
		t.Errorf("%d watchers after three channels came and went, want 3", n)
	}
	if b.Close(); b.Watching() != 0 {
		t.Errorf("%d watchers after the lab cleaned up", b.Watching())
	}
}
