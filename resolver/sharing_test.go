package resolver

import (
	"testing"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
)

// Fifty channels on one target are one query, whatever each makes of the answer.
func TestFiftyChannelsOneQuery(t *testing.T) {
	f := newFake(t)
	f.set("web", web(5)...)
	b, _ := newTestBuilder(t)
	base := "consul://" + f.Listener.Addr().String() + "/web"
	var all []*fakeChannel
	for n := range 50 {
		cc := &fakeChannel{}
		build(t, b, base+[]string{"", "?limit=2", "?empty=keep", "?linger=1h", "?address=node"}[n%5], cc)
		all = append(all, cc)
	}
	for _, cc := range all {
		eventually(t, "a list for everybody", func() bool { return cc.updates() == 1 })
	}
	eventually(t, "the blocking query", func() bool { return len(f.seen()) == 2 })
	if s := b.Snapshot(); len(s) != 1 || s[0].Subscribers != 50 || s[0].Requests != 2 || s[0].Instances != 5 {
		t.Errorf("snapshot %+v", s)
	}
}

// What changes the question, or who asks, is not shared.
func TestDifferentQuestionsAreNotShared(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t)
	base := "consul://" + f.Listener.Addr().String() + "/web"
	targets := []string{"", "?tag=a", "?tag=a,b", "?filter=x", "?dc=dc1", "?near=_agent", "?stale", "?consistent", "?cached",
		"?ns=n", "?partition=p", "?peer=p", "?token=t", "?health=any", "?wait=5s", "?timeout=3s"}
	for _, params := range targets {
		build(t, b, base+params, &fakeChannel{})
	}
	build(t, b, base+"?tag=b&tag=a", &fakeChannel{}) // the same as a,b
	if n := len(b.Snapshot()); n != len(targets) {
		t.Errorf("%d watches for %d questions", n, len(targets))
	}
}

// One channel's Close leaves the watch to the others.
func TestCloseOfOneLeavesTheOthers(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t)
	target := "consul://" + f.Listener.Addr().String() + "/web"
	first, second := &fakeChannel{}, &fakeChannel{}
	r := build(t, b, target, first)
	build(t, b, target, second)
	eventually(t, "both lists", func() bool { return first.has() == "9000" && second.has() == "9000" && len(f.seen()) == 2 })
	r.Close()
	f.set("web", web(2)...)
	eventually(t, "the change", func() bool { return second.has() == "9000 9001" && len(f.seen()) == 3 })
	if first.has() != "9000" {
		t.Error("a closed channel was told")
	}
}

// A watch without a channel ends after its linger, and the next channel starts a new one.
func TestLingerEnds(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t)
	target := "consul://" + f.Listener.Addr().String() + "/web?linger=20ms"
	cc := &fakeChannel{}
	r := build(t, b, target, cc)
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	r.Close()
	eventually(t, "the end of the watch", func() bool { return len(b.Snapshot()) == 0 })
	again := &fakeChannel{}
	build(t, b, target, again)
	eventually(t, "a list again", func() bool { return again.has() == "9000" })
}

// A first query that fails poisons nothing: later channels hear the error, then all get the list.
func TestFailedFirstQueryPoisonsNothing(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	f.answer(refuse(500, "No cluster leader"))
	b, _ := newTestBuilder(t)
	target := "consul://" + f.Listener.Addr().String() + "/web?max-backoff=20ms"
	first, second := &fakeChannel{}, &fakeChannel{}
	build(t, b, target, first)
	eventually(t, "the error", func() bool { return len(first.errors()) == 1 })
	build(t, b, target, second)
	eventually(t, "the error for the one who came later", func() bool { return len(second.errors()) == 1 })
	f.answer(nil)
	eventually(t, "both lists", func() bool { return first.has() == "9000" && second.has() == "9000" })
}

// Close returns although Consul hangs.
func TestCloseDoesNotWaitForConsul(t *testing.T) {
	f := newFake(t)
	f.answer(hang)
	b, _ := newTestBuilder(t, WithLinger(time.Hour))
	r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web?timeout=1h", &fakeChannel{})
	eventually(t, "the query", func() bool { return len(f.seen()) == 1 })
	r.Close() // would run into the test's time limit
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// A channel that wants no service config from its resolver does not ask for one.
func TestDisabledServiceConfigIsNotAskedFor(t *testing.T) {
	f := newFake(t)
	f.change(func() { f.entries["web"] = web(1); f.keys["cfg"] = `{}` })
	b, _ := newTestBuilder(t)
	cc := &fakeChannel{}
	r, err := b.Build(grpcTarget(t, "consul://"+f.Listener.Addr().String()+"/web?config-key=cfg"), cc,
		grpcresolver.BuildOptions{DisableServiceConfig: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	eventually(t, "a list and a blocking query", func() bool { return cc.has() == "9000" && len(f.seen()) == 2 })
	for _, q := range f.seen() {
		if q.path != "/v1/health/service/web" {
			t.Errorf("asked %s", q.path)
		}
	}
}
