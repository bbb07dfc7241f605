package greeter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
)

// fakeConsul is the part of a Consul agent's HTTP API that a replica uses, with a memory that can be wiped.
type fakeConsul struct {
	t *testing.T

	mu       sync.Mutex
	changed  chan struct{}
	leader   string
	asked    int    // for the leader
	refusal  string // registrations get this as an error
	entries  map[string]*api.AgentServiceRegistration
	puts     int
	asks     int
	removals []string
}

func newFakeConsul(t *testing.T) (*fakeConsul, *api.Client) {
	t.Helper()
	f, srv := serveFakeConsul(t)
	return f, client(t, srv.URL, nil, func() { srv.CloseClientConnections(); srv.Close() })
}

func serveFakeConsul(t *testing.T) (*fakeConsul, *httptest.Server) {
	f := &fakeConsul{t: t, leader: "127.0.0.1:8300", changed: make(chan struct{}), entries: map[string]*api.AgentServiceRegistration{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status/leader", f.status)
	mux.HandleFunc("PUT /v1/agent/service/register", f.register)
	mux.HandleFunc("PUT /v1/agent/service/deregister/{id}", f.deregister)
	mux.HandleFunc("GET /v1/agent/service/{id}", f.service)
	return f, httptest.NewServer(mux)
}

type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// client is a Consul client that leaves no connection behind. A nil dialer is the usual one.
func client(t *testing.T, url string, dial dialer, after func()) *api.Client {
	t.Helper()
	cfg := api.DefaultConfig()
	cfg.Address = strings.TrimPrefix(url, "http://")
	if dial != nil {
		cfg.Transport.DialContext = dial
	}
	c, err := api.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { after(); cfg.Transport.CloseIdleConnections() })
	return c
}

// set changes the fake and wakes whoever waits for a change.
func (f *fakeConsul) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.changed)
	f.changed = make(chan struct{})
}

// get reads the fake.
func (f *fakeConsul) get(read func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	read()
}

func (f *fakeConsul) knows(id string) bool {
	var known bool
	f.get(func() { known = f.entries[id] != nil })
	return known
}

func (f *fakeConsul) status(w http.ResponseWriter, _ *http.Request) {
	f.get(func() {
		f.asked++
		json.NewEncoder(w).Encode(f.leader)
	})
}

func (f *fakeConsul) register(w http.ResponseWriter, r *http.Request) {
	var entry api.AgentServiceRegistration
	if err := json.NewDecoder(r.Body).Decode(&entry); err != nil {
		f.t.Errorf("registration: %v", err)
	}
	f.set(func() {
		f.puts++
		if f.refusal != "" {
			http.Error(w, f.refusal, http.StatusForbidden)
			return
		}
		f.entries[entry.ID] = &entry
	})
}

func (f *fakeConsul) deregister(_ http.ResponseWriter, r *http.Request) {
	f.set(func() {
		delete(f.entries, r.PathValue("id"))
		f.removals = append(f.removals, r.PathValue("id"))
	})
}

// service blocks while the hash is the asker's, as Consul does.
func (f *fakeConsul) service(w http.ResponseWriter, r *http.Request) {
	wait, err := time.ParseDuration(r.FormValue("wait"))
	if err != nil {
		f.t.Errorf("watch without a wait: %s", r.URL)
	}
	f.get(func() { f.asks++ })
	for end := time.After(wait); ; {
		f.mu.Lock()
		entry, changed := f.entries[r.PathValue("id")], f.changed
		f.mu.Unlock()
		if entry == nil {
			http.Error(w, "unknown service ID", http.StatusNotFound)
			return
		}
		hash := fmt.Sprint(entry.ID, entry.Address, entry.Port)
		if hash != r.FormValue("hash") {
			w.Header().Set("X-Consul-ContentHash", hash)
			json.NewEncoder(w).Encode(api.AgentService{ID: entry.ID})
			return
		}
		select {
		case <-changed:
		case <-end:
			return
		case <-r.Context().Done():
			return
		}
	}
}
