package resolver

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"
)

// silent makes the fake a server that heard from its leader so long ago.
func (f *fake) silent(d time.Duration) {
	f.change(func() {
		f.headers.Set("X-Consul-LastContact", strconv.FormatInt(d.Milliseconds(), 10))
		f.headers.Set("X-Consul-KnownLeader", "false")
	})
}

func TestAServerThatIsTooStaleIsLeft(t *testing.T) {
	cutOff, sound := newFake(t), newFake(t)
	cutOff.set("web", web(2)...)
	sound.set("web", web(3)...)
	both := "consul://" + cutOff.Listener.Addr().String() + "," + sound.Listener.Addr().String() + "/web?max-backoff=10ms"

	limited, careless := target(t, both+"&max-stale=2s"), target(t, both+"&stale")
	for _, cc := range []*fakeChannel{limited, careless} {
		eventually(t, "a list", func() bool { return cc.has() == "9000 9001" })
	}
	cutOff.silent(3 * time.Second)
	eventually(t, "the other server's list", func() bool { return limited.has() == "9000 9001 9002" })
	var q *QueryError
	if err := limited.errors()[0]; !errors.As(err, &q) || q.Class != ClassStale {
		t.Errorf("%T %v", err, err)
	}
	if careless.has() != "9000 9001" || len(careless.errors()) > 0 {
		t.Errorf("without a limit: %s, %v", careless.has(), careless.errors())
	}
}

// With one server only there is nobody to turn to: the list stays, and the error says why.
func TestATooStaleAnswerIsNoAnswer(t *testing.T) {
	f := newFake(t)
	f.set("web", web(2)...)
	cc := target(t, "consul://"+f.Listener.Addr().String()+"/web?max-stale=2s&max-backoff=10ms")
	eventually(t, "a list", func() bool { return cc.has() == "9000 9001" })
	f.silent(3 * time.Second)
	eventually(t, "the error", func() bool { return len(cc.errors()) > 0 })
	f.set("web", web(1)...)
	asked := len(f.seen())
	eventually(t, "more queries", func() bool { return len(f.seen()) > asked+1 })
	if got := cc.has(); got != "9000 9001" {
		t.Errorf("believed %s", got)
	}
	f.silent(0)
	eventually(t, "the newest list", func() bool { return cc.has() == "9000" })
}

// A query must not block beyond the moment when the last word would be too old, and after it comes one that says how
// old its answer is.
func TestQueriesUnderMaxStale(t *testing.T) {
	f := newFake(t)
	f.silent(700 * time.Millisecond)
	f.set("web", web(1)...)
	cc := target(t, "consul://"+f.Listener.Addr().String()+"/web?max-stale=1s&wait=1m")
	eventually(t, "a blocking query", func() bool { return cc.has() == "9000" && len(f.seen()) >= 2 })
	q, err := url.ParseQuery(f.seen()[1].query)
	if err != nil {
		t.Fatal(err)
	}
	if !q.Has("stale") || q.Get("index") != "12" || q.Get("wait") != "300ms" {
		t.Errorf("asked %v", q)
	}
	eventually(t, "the next two", func() bool { return len(f.seen()) >= 4 })
	if got := f.indexes()[:4]; !slices.Equal(got, []string{"", "12", "", "12"}) {
		t.Errorf("asked with the indexes %q, want blocking queries and others in turn", got)
	}
}

func TestMaxStaleContradictions(t *testing.T) {
	for _, params := range []string{"max-stale=2s&consistent", "max-stale=2s&cached", "max-stale=0s", "max-stale=soon"} {
		if _, err := ParseTarget("consul:///web?" + params); err == nil {
			t.Errorf("%s was accepted", params)
		}
	}
}

// Short queries that brought nothing are no storm when it was max-stale that made them short.
func TestPacerLetsMaxStaleAsk(t *testing.T) {
	var p pacer
	now := time.Unix(1000, 0)
	for n := range 100 {
		now = now.Add(time.Second)
		if d := p.pause(now, time.Second, time.Second, n == 0); d != 0 {
			t.Fatalf("answer %d: pause of %s", n, d)
		}
	}
}
