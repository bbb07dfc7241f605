package resolver

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
)

// refuse answers with an HTTP status and a body.
func refuse(code int, body string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		http.Error(w, body, code)
		return true
	}
}

// say answers 200 with any body.
func say(body string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("X-Consul-Index", "7")
		_, _ = w.Write([]byte(body))
		return true
	}
}

// cut closes the connection after a part of an answer.
func cut(part string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return true
		}
		_, _ = rw.WriteString(part)
		_ = rw.Flush()
		_ = conn.Close()
		return true
	}
}

// hang does not answer at all.
func hang(_ http.ResponseWriter, r *http.Request, _ int) bool { <-r.Context().Done(); return true }

var faults = map[string]struct {
	fault  func(http.ResponseWriter, *http.Request, int) bool
	class  Class
	status int
	says   string
	floor  time.Duration // no retry sooner, whatever grpc asks for
}{
	"500":           {refuse(500, "rpc error"), ClassServer, 500, "rpc error", 0},
	"no leader":     {refuse(500, "No cluster leader"), ClassServer, 500, "No cluster leader", 0},
	"503 page":      {refuse(503, strings.Repeat("<p>busy</p>", 1000)), ClassServer, 503, "<p>busy</p>", 0},
	"429":           {refuse(429, "slow down"), ClassThrottle, 429, "slow down", time.Second},
	"400":           {refuse(400, "Failed to create boolean expression"), ClassRefused, 400, "boolean expression", 5 * time.Second},
	"401":           {refuse(401, "who are you"), ClassRefused, 401, "who are you", 5 * time.Second},
	"403":           {refuse(403, "Permission denied"), ClassRefused, 403, "Permission denied", 5 * time.Second},
	"404":           {refuse(404, "no such page"), ClassRefused, 404, "no such page", 5 * time.Second},
	"garbage":       {say("<html>"), ClassNetwork, 0, "invalid character", 0},
	"half of JSON":  {say(`[{"Service":`), ClassNetwork, 0, "connection cut", 0},
	"other JSON":    {say(`{"a":1}`), ClassNetwork, 0, "cannot unmarshal", 0},
	"cut at once":   {cut(""), ClassNetwork, 0, "EOF", 0},
	"cut in header": {cut("HTTP/1.1 200 OK\r\nX-Cons"), ClassNetwork, 0, "connection broken", 0},
	"cut in body":   {cut("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[{"), ClassNetwork, 0, "connection cut", 0},
	"hung agent":    {hang, ClassTimeout, 0, "no answer in time", 0},
}

// A fault from the start: the channel hears of it once, by class, and Consul is asked no more than the backoff says.
func TestFaultFromTheStart(t *testing.T) {
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.answer(c.fault)
			cc, rec, r := resolve(t, f, "?wait=1s&timeout=50ms&max-backoff=30s")
			want := 3
			if c.floor > 0 {
				want = 1
			}
			eventually(t, "backoff", func() bool { r.ResolveNow(grpcNow); return len(kinds(rec, KindBackoff)) >= want })
			backoffs := kinds(rec, KindBackoff)
			if seen, most := len(f.seen()), 2*(len(backoffs)+1); seen > most { // net/http may repeat one on a cut connection
				t.Errorf("%d requests for %d failures", seen, len(backoffs))
			}
			for _, e := range backoffs {
				if e.NextRetry < c.floor {
					t.Errorf("retry after %s, want %s at least", e.NextRetry, c.floor)
				}
			}
			checkQueryError(t, cc, c.class, c.status, c.says)
		})
	}
}

func checkQueryError(t *testing.T, cc *fakeChannel, class Class, status int, says string) {
	t.Helper()
	eventually(t, "the report", func() bool { return len(cc.errors()) > 0 })
	errs := cc.errors()
	var q *QueryError
	if !errors.As(errs[0], &q) || q.Class != class || q.Status != status || !strings.Contains(q.Error(), says) {
		t.Errorf("%T %v, want class %s, status %d, text %q", errs[0], errs[0], class, status, says)
	}
	if len(errs) != 1 || len(errs[0].Error()) > 500 {
		t.Errorf("%d reports, the first of %d bytes", len(errs), len(errs[0].Error()))
	}
}

// A fault after a good list: callers keep it, and the next query after the fault asks without an index.
func TestFaultAfterAGoodList(t *testing.T) {
	for name, c := range faults {
		if c.floor > 0 {
			continue // recovery takes that long, see TestRefusalIsNotHurried
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.set("web", web(2)...)
			cc, rec, _ := resolve(t, f, "?wait=200ms&timeout=100ms&max-backoff=20ms")
			eventually(t, "a list and a blocking query", func() bool { return cc.has() == "9000 9001" && len(f.seen()) == 2 })
			f.answer(c.fault)
			f.change(func() {})
			eventually(t, "failures", func() bool { return len(kinds(rec, KindBackoff)) >= 2 })
			if cc.has() != "9000 9001" || cc.updates() != 1 {
				t.Errorf("the balancer has %q after %d updates", cc.has(), cc.updates())
			}
			before := len(f.seen())
			f.set("web", web(3)...)
			f.answer(nil)
			eventually(t, "recovery", func() bool { return cc.has() == "9000 9001 9002" })
			for _, q := range f.seen()[3:before] {
				if q.index != "" {
					t.Errorf("asked with index %s after a failure", q.index)
				}
			}
		})
	}
}

// A storm of ResolveNow does not shorten the pause after a refusal or a 429.
func TestRefusalIsNotHurried(t *testing.T) {
	for name, code := range map[string]int{"403": 403, "429": 429} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.answer(refuse(code, "no"))
			_, rec, r := resolve(t, f, "")
			eventually(t, "a backoff", func() bool { return len(kinds(rec, KindBackoff)) == 1 })
			for range 10_000 {
				r.ResolveNow(grpcNow)
			}
			if n := len(f.seen()); n != 1 {
				t.Errorf("%d requests", n)
			}
			if n := len(kinds(rec, KindResolveNow)); n != 0 {
				t.Errorf("%d requests to resolve now were honoured", n)
			}
		})
	}
}

// A leader that is slow delays the first list and nothing else: one query, no error.
func TestSlowLeader(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	release := make(chan struct{})
	f.answer(func(_ http.ResponseWriter, r *http.Request, n int) bool {
		if n == 1 {
			<-release
		}
		return false
	})
	cc, _, r := resolve(t, f, "")
	eventually(t, "the query", func() bool { return len(f.seen()) == 1 })
	for range 1000 {
		r.ResolveNow(grpcNow)
	}
	close(release)
	eventually(t, "the list and the next query", func() bool { return cc.has() == "9000" && len(f.seen()) == 2 })
	if len(cc.errors()) != 0 {
		t.Errorf("was told %v", cc.errors())
	}
}

// While the service is known to be empty, an outage is still told, once, and so is its end.
func TestOutageWhileEmpty(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	cc, rec, _ := resolve(t, f, "?max-backoff=20ms")
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	f.set("web")
	eventually(t, "nobody", func() bool { return cc.has() == "" })
	f.answer(refuse(500, "No cluster leader"))
	f.change(func() {})
	eventually(t, "three failures", func() bool { return len(kinds(rec, KindBackoff)) >= 3 })
	eventually(t, "the report", func() bool { return strings.Contains(cc.lastError(), "No cluster leader") })
	if n := len(cc.errors()); n != 1 {
		t.Errorf("%d reports", n)
	}
	f.set("web", web(2)...)
	f.answer(nil)
	eventually(t, "the list", func() bool { return cc.has() == "9000 9001" })
}

// Why a first answer is empty is asked once, not at every answer.
func TestWhyIsAskedOnce(t *testing.T) {
	f := newFake(t)
	f.set("web", entry("a", "127.0.0.1", 1, status(api.HealthCritical)))
	cc, rec, _ := resolve(t, f, "")
	eventually(t, "the reason", func() bool { return len(cc.errors()) == 1 })
	for n := range 4 {
		f.change(func() {})
		eventually(t, "the next answer", func() bool { return len(kinds(rec, KindUnchanged)) >= n+1 })
	}
	if n := len(f.seen()); n > 9 { // five answers, at most as many questions why, one query that blocks
		t.Errorf("%d requests for five empty answers", n)
	}
	if n := len(cc.errors()); n != 1 {
		t.Errorf("the same emptiness was reported %d times", n)
	}
}
