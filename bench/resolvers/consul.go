package resolvers

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"
)

// Answer is what a scripted Consul says to its nth request, from 1: the index header (""
// for none) and the instances, or an HTTP status other than 200.
type Answer func(n int) (index string, entries []*api.ServiceEntry, status int)

// Consul is a fake that does what its script says. Its methods may be called concurrently.
type Consul struct {
	server *httptest.Server
	block  bool // a query with the current index waits

	mu      sync.Mutex
	answer  Answer
	asked   []Request
	conns   int
	index   uint64
	changed chan struct{}
}

// Request is one that a Consul was sent.
type Request struct {
	At          time.Time
	Index, User string // User is "user:password"
	Path        string
}

// NewConsul starts one that never blocks. Stop ends it.
func NewConsul(answer Answer) *Consul { return start(&Consul{answer: answer}) }

// Keeping starts one that behaves: it has what was last Set, and blocks.
func Keeping(index uint64, entries ...*api.ServiceEntry) *Consul {
	c := start(&Consul{block: true})
	c.Set(index, entries...)
	return c
}

func start(c *Consul) *Consul {
	c.changed = make(chan struct{})
	c.server = httptest.NewUnstartedServer(c)
	c.server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.mu.Lock()
			c.conns++
			c.mu.Unlock()
		}
	}
	c.server.Start()
	return c
}

// Set makes entries the truth from index on, and wakes who waits for it.
func (c *Consul) Set(index uint64, entries ...*api.ServiceEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.be(index, entries)
	close(c.changed)
	c.changed = make(chan struct{})
}

// Restart is a new agent in the old one's place: nobody is woken, connections are cut.
func (c *Consul) Restart(index uint64, entries ...*api.ServiceEntry) {
	c.mu.Lock()
	c.be(index, entries)
	c.mu.Unlock()
	c.server.CloseClientConnections()
}

func (c *Consul) be(index uint64, entries []*api.ServiceEntry) {
	c.index = index
	c.answer = func(int) (string, []*api.ServiceEntry, int) {
		return strconv.FormatUint(index, 10), entries, http.StatusOK
	}
}

// Addr is host:port.
func (c *Consul) Addr() string { return c.server.Listener.Addr().String() }

// Stop does not wait: some contenders never stop asking.
func (c *Consul) Stop() {
	c.server.Listener.Close()
	c.server.CloseClientConnections()
	go c.server.Close()
}

// ServeHTTP answers by the script.
func (c *Consul) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, pass, _ := r.BasicAuth()
	c.mu.Lock()
	c.asked = append(c.asked, Request{time.Now(), r.FormValue("index"), user + ":" + pass, r.URL.Path})
	n := len(c.asked)
	c.mu.Unlock()
	c.wait(r)
	c.mu.Lock()
	index, entries, status := c.answer(n)
	c.mu.Unlock()
	if index != "" {
		w.Header().Set("X-Consul-Index", index)
	}
	w.Header().Set("X-Consul-KnownLeader", "true")
	w.Header().Set("X-Consul-LastContact", "0")
	w.WriteHeader(status)
	if status == http.StatusOK {
		if entries == nil {
			entries = []*api.ServiceEntry{}
		}
		_ = json.NewEncoder(w).Encode(entries)
	}
}

func (c *Consul) wait(r *http.Request) {
	asked, _ := strconv.ParseUint(r.FormValue("index"), 10, 64)
	for c.block && asked > 0 {
		c.mu.Lock()
		now, changed := c.index, c.changed
		c.mu.Unlock()
		if now > asked {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// FirstSecond counts the requests in the second after the first, which it waits for.
func (c *Consul) FirstSecond() int {
	for c.Count() == 0 {
		time.Sleep(time.Millisecond)
	}
	begin := c.Asked()[0].At
	time.Sleep(time.Until(begin.Add(1100 * time.Millisecond)))
	n := 0
	for _, r := range c.Asked() {
		if r.At.Sub(begin) <= time.Second {
			n++
		}
	}
	return n
}

// Asked are the requests so far.
func (c *Consul) Asked() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

// Count is the number of requests so far.
func (c *Consul) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// Connections is the number of TCP connections so far.
func (c *Consul) Connections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conns
}

// Web is n healthy instances, on ports from 9000.
func Web(n int) []*api.ServiceEntry {
	var out []*api.ServiceEntry
	for i := range n {
		out = append(out, Instance(fmt.Sprint("web-", i), "127.0.0.1", 9000+i))
	}
	return out
}

// Instance is one healthy instance of the service web.
func Instance(id, addr string, port int, tags ...string) *api.ServiceEntry {
	return &api.ServiceEntry{
		Node:    &api.Node{Node: "n-" + id, Address: "127.0.0.1", Datacenter: "dc1"},
		Service: &api.AgentService{ID: id, Service: "web", Address: addr, Port: port, Tags: tags},
		Checks:  api.HealthChecks{{Status: api.HealthPassing}},
	}
}
