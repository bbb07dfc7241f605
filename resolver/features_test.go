package resolver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/consul/api"
)

func TestServiceConfigFromAKey(t *testing.T) {
	f := newFake(t)
	f.change(func() { f.entries["web"] = web(1); f.keys["cfg/web"] = `{"a":1}` })
	cc, rec, _ := resolve(t, f, "?config-key=cfg/web")
	eventually(t, "a list with a config", func() bool { return cc.has() == "9000" })
	config := func() bool {
		cc.mu.Lock()
		defer cc.mu.Unlock()
		return cc.states[len(cc.states)-1].ServiceConfig != nil
	}
	if !config() {
		t.Error("the first list came without the service config")
	}
	f.change(func() { f.keys["cfg/web"] = `{"bad":1}` })
	eventually(t, "the refusal", func() bool {
		return slices.ContainsFunc(kinds(rec, KindServiceConfig), func(e Event) bool { return e.Err != nil })
	})
	if !config() {
		t.Error("a bad service config replaced the good one")
	}
	f.change(func() { delete(f.keys, "cfg/web") })
	eventually(t, "the channel's own config again", func() bool { return !config() })
}

func TestDatacentersInOrder(t *testing.T) {
	f := newFake(t)
	f.change(func() { f.entries["web@dc2"] = web(3)[2:] })
	cc, _, _ := resolve(t, f, "?dc=dc1,dc2")
	eventually(t, "the second choice", func() bool { return cc.has() == "9002" })
	f.set("web@dc1", web(1)...)
	eventually(t, "the first choice", func() bool { return cc.has() == "9000" })
	f.set("web@dc1")
	eventually(t, "the second again", func() bool { return cc.has() == "9002" })
}

func TestPreparedQueryIsPolled(t *testing.T) {
	f := newFake(t)
	f.set("near-web", web(1)...)
	b, _ := newTestBuilder(t)
	cc := &fakeChannel{}
	build(t, b, "consul://"+f.Listener.Addr().String()+"/?query=near-web&poll=10ms", cc)
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	f.set("near-web", web(2)...)
	eventually(t, "the change", func() bool { return cc.has() == "9000 9001" })
	if !strings.HasPrefix(f.seen()[0].path, "/v1/query/near-web/execute") {
		t.Errorf("asked %s", f.seen()[0].path)
	}
}

// With too few healthy, all but those in maintenance are offered; each mode has its rule.
func TestWhoIsOffered(t *testing.T) {
	mixed := []*api.ServiceEntry{
		entry("p", "127.0.0.1", 1), entry("w", "127.0.0.1", 2, status(api.HealthWarning)),
		entry("c", "127.0.0.1", 3, status(api.HealthCritical)), entry("m", "127.0.0.1", 4, maintenance),
	}
	for params, want := range map[string]string{
		"": "1", "?health=passing": "1", "?health=warning": "1 2", "?health=any": "1 2 3 4", "?health=fallback": "1",
		"?min-passing=20": "1", "?min-passing=80": "1 2 3", "?healthy=true": "1", "?filter=x": "1",
	} {
		t.Run(params, func(t *testing.T) {
			f := newFake(t)
			f.set("web", mixed...)
			cc, _, _ := resolve(t, f, params)
			eventually(t, want, func() bool { return cc.has() == want })
		})
	}
}

func TestLimitIsStable(t *testing.T) {
	f := newFake(t)
	f.set("web", web(10)...)
	cc, _, _ := resolve(t, f, "?limit=3", WithSeed(1))
	eventually(t, "three", func() bool { return len(strings.Fields(cc.has())) == 3 })
	had := strings.Fields(cc.has())
	all := web(11) // one more joins: at most one of the three may change
	f.set("web", all...)
	eventually(t, "the query after", func() bool { return len(f.seen()) == 3 })
	kept := 0
	for _, a := range strings.Fields(cc.has()) {
		if slices.Contains(had, a) {
			kept++
		}
	}
	if kept < 2 {
		t.Errorf("had %v, has %s", had, cc.has())
	}
}

// What is asked of Consul for each parameter that goes there.
func TestWhatIsAsked(t *testing.T) {
	for params, want := range map[string]string{
		"?tag=a&tag=b":     "tag=a&tag=b",
		"?stale=true":      "stale=",
		"?consistent=true": "consistent=",
		"?cached=true":     "cached=",
		"?near=_agent":     "near=_agent",
		"?ns=team":         "ns=team",
		"?partition=p1":    "partition=p1",
		"?peer=other":      "peer=other",
		"?filter=x%3D%3D1": "filter=x%3D%3D1",
		"?dc=dc7":          "dc=dc7",
		"":                 "passing=1",
	} {
		t.Run(params, func(t *testing.T) {
			f := newFake(t)
			resolve(t, f, params)
			eventually(t, "a request", func() bool { return len(f.seen()) > 0 })
			if got := f.seen()[0].query; !strings.Contains(got, want) {
				t.Errorf("asked with %s, want %s", got, want)
			}
		})
	}
}

// Nothing that is delivered twice: equal answers with a new index are not news.
func TestUnchangedIsNotDelivered(t *testing.T) {
	f := newFake(t)
	f.set("web", web(2)...)
	cc, rec, _ := resolve(t, f, "")
	eventually(t, "a list", func() bool { return cc.has() == "9000 9001" })
	for n := range 3 {
		f.change(func() { f.entries["web"][0].Checks[0].Output = fmt.Sprint("output ", n) })
		eventually(t, "unchanged", func() bool { return len(kinds(rec, KindUnchanged)) == n+1 })
	}
	if cc.updates() != 1 {
		t.Errorf("%d updates of one list", cc.updates())
	}
}

// A tag edit is an event and new attributes, and no new address.
func TestATagEditChangesNoAddress(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	cc, rec, _ := resolve(t, f, "")
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	f.set("web", entry("web-0", "127.0.0.1", 9000, func(e *api.ServiceEntry) { e.Service.Tags = []string{"blue"} }))
	eventually(t, "the edit", func() bool { return cc.updates() == 2 })
	cc.mu.Lock()
	defer cc.mu.Unlock()
	before, after := cc.states[0], cc.states[1]
	if !before.Endpoints[0].Addresses[0].Equal(after.Endpoints[0].Addresses[0]) {
		t.Error("the address changed, which makes a balancer reconnect")
	}
	i, ok := InstanceFromEndpoint(after.Endpoints[0])
	if !ok || !slices.Equal(i.Tags, []string{"blue"}) {
		t.Errorf("instance %+v, %v", i, ok)
	}
	if e := kinds(rec, KindUpdated)[1]; len(e.Changed) != 1 || len(e.Added)+len(e.Removed) != 0 {
		t.Errorf("event %+v", e)
	}
}

// holdBack keeps queries that match waiting until the returned function is called.
func holdBack(f *fake, match string) (release func()) {
	gate := make(chan struct{})
	f.answer(func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		if strings.Contains(r.URL.String(), match) {
			select {
			case <-gate:
			case <-r.Context().Done():
			}
		}
		return false
	})
	return func() { close(gate) }
}

// A channel starts neither on its second choice of datacenter nor without its service config, however slow they are.
func TestStartWaitsForWhatIsPreferred(t *testing.T) {
	for slow, params := range map[string]string{"dc=dc1": "?dc=dc1,dc2", "/kv/": "?dc=dc2&config-key=cfg"} {
		t.Run(slow, func(t *testing.T) {
			f := newFake(t)
			f.change(func() {
				f.entries["web@dc1"], f.entries["web@dc2"] = web(1), web(3)[2:]
				f.keys["cfg"] = `{}`
			})
			release := holdBack(f, slow)
			cc, _, _ := resolve(t, f, params)
			eventually(t, "the other's answer", func() bool { // it blocks already, so it has been answered once
				return slices.ContainsFunc(f.seen(), func(q asked) bool { return q.index != "" })
			})
			release()
			eventually(t, "a list", func() bool { return cc.has() != "-" })
			want := map[string]string{"dc=dc1": "127.0.0.1:9000", "/kv/": "127.0.0.1:9002"}[slow]
			cc.mu.Lock()
			defer cc.mu.Unlock()
			if first := cc.states[0]; first.Endpoints[0].Addresses[0].Addr != want || slow == "/kv/" && first.ServiceConfig == nil {
				t.Errorf("first state %+v", first)
			}
		})
	}
}
