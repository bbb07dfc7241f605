package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"
)

// consul is a fake that a row scripts: answer is called with the number of the request,
// from 1, and returns the index header ("" for none) and the instances, or an HTTP status
// other than 200. When block is set, a query with the current index waits.
type consul struct {
	*httptest.Server
	answer func(n int) (index string, entries []*api.ServiceEntry, status int)
	block  bool

	mu      sync.Mutex
	asked   []request
	conns   int
	index   uint64
	changed chan struct{}
}

type request struct {
	at          time.Time
	index, user string
	path        string
}

func newConsul(answer func(n int) (string, []*api.ServiceEntry, int)) *consul {
	c := &consul{answer: answer, changed: make(chan struct{})}
	c.Server = httptest.NewUnstartedServer(c)
	c.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.mu.Lock()
			c.conns++
			c.mu.Unlock()
		}
	}
	c.Start()
	return c
}

// keeping is a Consul that behaves: it has what was last set, and blocks.
func keeping(index uint64, entries ...*api.ServiceEntry) *consul {
	c := newConsul(nil)
	c.block = true
	c.set(index, entries...)
	return c
}

func (c *consul) set(index uint64, entries ...*api.ServiceEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.index = index
	c.answer = func(int) (string, []*api.ServiceEntry, int) {
		return strconv.FormatUint(index, 10), entries, http.StatusOK
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *consul) addr() string { return c.Listener.Addr().String() }

// stop does not wait: some contenders never stop asking.
func (c *consul) stop() {
	c.Listener.Close()
	c.CloseClientConnections()
	go c.Close()
}

func (c *consul) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, pass, _ := r.BasicAuth()
	c.mu.Lock()
	c.asked = append(c.asked, request{time.Now(), r.FormValue("index"), user + ":" + pass, r.URL.Path})
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

func (c *consul) wait(r *http.Request) {
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

// firstSecond counts the requests in the second after the first.
func (c *consul) firstSecond() int {
	for c.count() == 0 {
		time.Sleep(time.Millisecond)
	}
	c.mu.Lock()
	begin := c.asked[0].at
	c.mu.Unlock()
	time.Sleep(time.Until(begin.Add(1100 * time.Millisecond)))
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, r := range c.asked {
		if r.at.Sub(begin) <= time.Second {
			n++
		}
	}
	return n
}

func (c *consul) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// web is n instances, on ports from 9000.
func web(n int) []*api.ServiceEntry {
	var out []*api.ServiceEntry
	for i := range n {
		out = append(out, instance(fmt.Sprint("web-", i), "127.0.0.1", 9000+i))
	}
	return out
}

func instance(id, addr string, port int, tags ...string) *api.ServiceEntry {
	return &api.ServiceEntry{
		Node:    &api.Node{Node: "n-" + id, Address: "127.0.0.1", Datacenter: "dc1"},
		Service: &api.AgentService{ID: id, Service: "web", Address: addr, Port: port, Tags: tags},
		Checks:  api.HealthChecks{{Status: api.HealthPassing}},
	}
}
