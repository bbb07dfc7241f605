package resolver

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/consul/api"
)

// The first answer is empty: the error says why, and counts.
func TestFirstEmptySaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		setUp  func(*fake)
		params string
		is     error
		says   []string
	}{
		"unknown service": {func(*fake) {}, "", ErrUnknownService, []string{`"web"`}},
		"all critical": {func(f *fake) {
			f.set("web", entry("a", "127.0.0.1", 1, status(api.HealthCritical)), entry("b", "127.0.0.1", 2, status(api.HealthWarning)))
		}, "", ErrUnhealthy, []string{`"web"`, "2 registered", "1 warning", "1 critical"}},
		"no such tag":      {func(f *fake) { f.set("web", web(2)...) }, "?tag=blue", ErrNoMatch, []string{"2 registered"}},
		"other dc":         {func(f *fake) { f.set("web", web(2)...) }, "?dc=dc9", ErrUnknownService, []string{`"dc9"`}},
		"no port":          {func(f *fake) { f.set("web", entry("a", "127.0.0.1", 0)) }, "", ErrNoAddress, nil},
		"hidden by ACLs":   {func(f *fake) { f.headers.Set("X-Consul-Results-Filtered-By-ACLs", "true") }, "", ErrACLFiltered, nil},
		"no leader":        {func(f *fake) { f.headers.Set("X-Consul-KnownLeader", "false") }, "", ErrNoLeader, nil},
		"in maintenance":   {func(f *fake) { f.set("web", entry("a", "127.0.0.1", 1, maintenance)) }, "?health=fallback", ErrUnhealthy, []string{"1 in maintenance"}},
		"no such prepared": {func(*fake) {}, "", ErrUnknownService, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c.setUp(f)
			cc, rec, _ := resolve(t, f, c.params)
			eventually(t, "an error", func() bool { return len(cc.errors()) == 1 })
			err := cc.errors()[0]
			var empty *EmptyError
			if !errors.Is(err, c.is) || !errors.As(err, &empty) {
				t.Fatalf("%T %v, want %v", err, err, c.is)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
			eventually(t, "the event", func() bool { return len(kinds(rec, KindEmpty)) == 1 })
			if n := len(f.seen()); n > 4 {
				t.Errorf("%d requests to find out why", n)
			}
		})
	}
}

// The last instance leaves, by the three policies.
func TestLastInstanceLeaves(t *testing.T) {
	for params, c := range map[string]struct {
		has     string
		updates int
	}{
		"":                           {"", 2},
		"?empty=clear":               {"", 2},
		"?empty=keep":                {"9000", 1},
		"?empty=hold=50ms":           {"", 2},
		"?empty=hold=1h":             {"9000", 1},
		"?health=any&empty=clear":    {"", 2},
		"?min-passing=50&empty=keep": {"9000", 1},
	} {
		t.Run(params, func(t *testing.T) {
			f := newFake(t)
			f.set("web", web(1)...)
			cc, rec, _ := resolve(t, f, params)
			eventually(t, "a list", func() bool { return cc.has() == "9000" })
			f.set("web")
			eventually(t, "the event", func() bool { return len(kinds(rec, KindEmpty)) > 0 })
			eventually(t, "the policy's outcome", func() bool { return cc.has() == c.has && cc.updates() == c.updates })
			f.set("web", web(2)...)
			eventually(t, "the way back", func() bool { return cc.has() == "9000 9001" })
		})
	}
}

// An empty answer that proves nothing keeps the last good list, whatever the policy.
func TestDoubtfulEmptyKeepsTheList(t *testing.T) {
	for header, value := range map[string]string{"X-Consul-Results-Filtered-By-ACLs": "true", "X-Consul-Knownleader": "false"} {
		t.Run(header, func(t *testing.T) {
			f := newFake(t)
			f.set("web", web(2)...)
			cc, _, _ := resolve(t, f, "")
			eventually(t, "a list", func() bool { return cc.has() == "9000 9001" })
			f.change(func() { f.headers.Set(header, value); f.entries["web"] = nil })
			eventually(t, "an error", func() bool { return len(cc.errors()) == 1 })
			if cc.has() != "9000 9001" {
				t.Errorf("the balancer has %q", cc.has())
			}
			f.change(func() { f.headers = http.Header{}; f.entries["web"] = web(1) })
			eventually(t, "the next good list", func() bool { return cc.has() == "9000" })
		})
	}
}

// The streaming backend says "no leader" in every answer; its empty list is a proof.
func TestStreamingKnowsNoLeaderAndIsBelieved(t *testing.T) {
	f := newFake(t)
	f.change(func() {
		f.entries["web"] = web(1)
		f.headers.Set("X-Consul-Query-Backend", "streaming")
		f.headers.Set("X-Consul-Knownleader", "false")
	})
	cc, _, _ := resolve(t, f, "")
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	f.set("web")
	eventually(t, "the empty list", func() bool { return cc.has() == "" })
}

// An outage after a good list changes nothing for callers, and is told once.
func TestOutageKeepsTheList(t *testing.T) {
	f := newFake(t)
	f.set("web", web(2)...)
	cc, rec, _ := resolve(t, f, "?max-backoff=20ms")
	eventually(t, "a list", func() bool { return cc.has() == "9000 9001" })
	f.answer(func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		http.Error(w, "No cluster leader", http.StatusInternalServerError)
		return true
	})
	f.change(func() {}) // ends the query that waits
	eventually(t, "five failures", func() bool { return len(kinds(rec, KindBackoff)) >= 5 })
	if cc.has() != "9000 9001" || len(cc.errors()) != 1 || !strings.Contains(cc.lastError(), "No cluster leader") {
		t.Errorf("has %q, was told %v", cc.has(), cc.errors())
	}
	f.set("web", web(3)...)
	f.answer(nil)
	eventually(t, "the new list", func() bool { return cc.has() == "9000 9001 9002" })
}

// A Consul that restarted with an empty catalog knows nobody yet. The list is held until
// the instances had time to register again.
func TestEmptyAfterARestartIsHeld(t *testing.T) {
	f := newFake(t)
	f.change(func() { f.index = 1000; f.entries["web"] = web(2) })
	cc, rec, _ := resolve(t, f, "?max-backoff=10ms")
	eventually(t, "a list and a blocking query", func() bool { return cc.has() == "9000 9001" && len(f.seen()) == 2 })
	f.mu.Lock()
	f.index, f.entries["web"] = 20, nil
	f.mu.Unlock()
	f.CloseClientConnections()
	eventually(t, "the empty answer", func() bool { return len(kinds(rec, KindEmpty)) == 1 })
	if cc.has() != "9000 9001" {
		t.Errorf("the balancer has %q", cc.has())
	}
	f.set("web", web(3)...)
	eventually(t, "those who came back", func() bool { return cc.has() == "9000 9001 9002" })
	f.set("web")
	eventually(t, "nobody, after that", func() bool { return cc.has() == "" })
}

// Consul hides from who has no token that it hides anything; its default policy gives a hint.
func TestAnonymousWhereConsulDenies(t *testing.T) {
	for token, want := range map[string]bool{"": true, "some": false} {
		f := newFake(t)
		f.change(func() { f.headers.Set("X-Consul-Default-Acl-Policy", "deny") })
		cc, _, _ := resolve(t, f, "", WithToken(token))
		eventually(t, "the report", func() bool { return cc.lastError() != "" })
		if got := strings.Contains(cc.lastError(), `no token was given`) && strings.Contains(cc.lastError(), `service:read on "web"`); got != want {
			t.Errorf("with token %q: %s", token, cc.lastError())
		}
	}
}

// A refusal says what the token lacks, whichever way Consul refuses, and a list that is only hidden stays.
func TestARefusalSaysWhatItTakes(t *testing.T) {
	for name, c := range map[string]struct {
		params string
		spoil  func(f *fake)
		want   string
	}{
		"403":           {"", func(f *fake) { f.answer(refuse(403, "Permission denied")) }, `service:read on "web" and node:read`},
		"filtered":      {"", hide("web"), `service:read on "web" and node:read`},
		"key, 403":      {"&config-key=grpc", func(f *fake) { f.answer(refuse(403, "Permission denied")) }, `key:read on "grpc"`},
		"another error": {"", func(f *fake) { f.answer(refuse(500, "No cluster leader")) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.set("web", web(2)...)
			b, rec := newTestBuilder(t)
			cc := &fakeChannel{}
			build(t, b, "consul://"+f.Listener.Addr().String()+"/web?wait=50ms"+c.params, cc)
			eventually(t, "a list", func() bool { return cc.has() == "9000 9001" })
			c.spoil(f)
			said := func() (all string) {
				for _, e := range rec.Events() {
					if e.Err != nil {
						all += e.Err.Error() + "\n"
					}
				}
				return all
			}
			eventually(t, "the refusal", func() bool { return said() != "" && strings.Contains(said(), c.want) })
			if c.want == "" && strings.Contains(said(), "it takes") {
				t.Errorf("said %q", said())
			}
			if cc.has() != "9000 9001" {
				t.Errorf("the list is %s", cc.has())
			}
		})
	}
}

// hide filters a service out of the answers, as Consul does for a token without rights.
func hide(service string) func(*fake) {
	return func(f *fake) {
		f.change(func() {
			f.headers.Set("X-Consul-Results-Filtered-By-ACLs", "true")
			f.entries[service] = nil
		})
	}
}
