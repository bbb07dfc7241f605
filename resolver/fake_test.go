package resolver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asked is a request the fake has seen.
type asked struct {
	at    time.Time
	path  string
	index string
	query string
	token string
	user  string
	pass  string
}

// fake is Consul's health and KV interface under a test's command. By default it behaves; override answers
// before it does.
type fake struct {
	*httptest.Server

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	index    uint64
	entries  map[string][]*api.ServiceEntry // by service, or service@dc
	keys     map[string]string
	headers  http.Header
	requests []asked
	override func(w http.ResponseWriter, r *http.Request, n int) bool
}

func newFake(t *testing.T) *fake {
	f := unstartedFake()
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.stop)
	return f
}

func unstartedFake() *fake {
	return &fake{index: 10, changed: make(chan struct{}), entries: map[string][]*api.ServiceEntry{}, keys: map[string]string{}, headers: http.Header{}}
}

func (f *fake) stop() {
	f.CloseClientConnections()
	f.Server.Close()
}

// change alters the fake under its lock and answers those who wait.
func (f *fake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
	f.index++
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fake) set(service string, entries ...*api.ServiceEntry) {
	f.change(func() { f.entries[service] = entries })
}

func (f *fake) answer(do func(w http.ResponseWriter, r *http.Request, n int) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override = do
}

func (f *fake) seen() []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]asked(nil), f.requests...)
}

// indexes is the indexes health queries came with, those that ask why left out.
func (f *fake) indexes() []string {
	var out []string
	for _, r := range f.seen() {
		if strings.HasPrefix(r.path, "/v1/health/") {
			out = append(out, r.index)
		}
	}
	return out
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, pass, _ := r.BasicAuth()
	f.mu.Lock()
	f.requests = append(f.requests, asked{time.Now(), r.URL.Path, r.FormValue("index"), r.URL.RawQuery, r.Header.Get("X-Consul-Token"), user, pass})
	n, override := len(f.requests), f.override
	f.mu.Unlock()
	if override != nil && override(w, r, n) {
		return
	}
	f.block(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	h := w.Header()
	h.Set("X-Consul-Index", strconv.FormatUint(f.index, 10))
	h.Set("X-Consul-LastContact", "0")
	h.Set("X-Consul-KnownLeader", "true")
	h.Set("X-Consul-Query-Backend", "blocking-query")
	for k, v := range f.headers {
		h[k] = v
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/v1/health/service/"):
		_ = json.NewEncoder(w).Encode(f.health(r, strings.TrimPrefix(path, "/v1/health/service/")))
	case strings.HasPrefix(path, "/v1/kv/"):
		f.kv(w, strings.TrimPrefix(path, "/v1/kv/"))
	case strings.HasPrefix(path, "/v1/query/"):
		name := strings.TrimSuffix(strings.TrimPrefix(path, "/v1/query/"), "/execute")
		_ = json.NewEncoder(w).Encode(map[string]any{"Service": name, "Nodes": f.entries[name]})
	default:
		http.NotFound(w, r)
	}
}

// block waits as a blocking query does.
func (f *fake) block(r *http.Request) {
	index, _ := strconv.ParseUint(r.FormValue("index"), 10, 64)
	wait, err := time.ParseDuration(r.FormValue("wait"))
	if err != nil {
		wait = 5 * time.Minute
	}
	timeout := time.After(wait)
	for index > 0 {
		f.mu.Lock()
		now, changed := f.index, f.changed
		f.mu.Unlock()
		if now > index {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func (f *fake) health(r *http.Request, service string) []*api.ServiceEntry {
	out := []*api.ServiceEntry{}
	key := service
	if dc := r.FormValue("dc"); dc != "" {
		key += "@" + dc
	}
	for _, e := range f.entries[key] {
		_, passing := r.Form["passing"]
		if passing && e.Checks.AggregatedStatus() != api.HealthPassing || !hasTags(e, r.Form["tag"]) {
			continue
		}
		out = append(out, e)
	}
	return out
}

func hasTags(e *api.ServiceEntry, tags []string) bool {
	for _, want := range tags {
		found := false
		for _, tag := range e.Service.Tags {
			found = found || tag == want
		}
		if !found {
			return false
		}
	}
	return true
}

func (f *fake) kv(w http.ResponseWriter, key string) {
	v, ok := f.keys[key]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode([]api.KVPair{{Key: key, Value: []byte(v)}})
}

// reply writes a health answer with an index header, none when index is empty.
func reply200(w http.ResponseWriter, index string, entries ...*api.ServiceEntry) {
	if index != "" {
		w.Header().Set("X-Consul-Index", index)
	}
	w.Header().Set("X-Consul-LastContact", "0")
	w.Header().Set("X-Consul-KnownLeader", "true")
	if entries == nil {
		entries = []*api.ServiceEntry{}
	}
	_ = json.NewEncoder(w).Encode(entries)
}

func web(n int) []*api.ServiceEntry {
	var out []*api.ServiceEntry
	for i := range n {
		out = append(out, entry(fmt.Sprintf("web-%d", i), "127.0.0.1", 9000+i))
	}
	return out
}
