package resolver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
)

// What a channel goes through, as its observer sees it: in order, numbered, after the balancer.
func TestObserverSeesTheWholeStory(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, rec := newTestBuilder(t)
	cc := &fakeChannel{}
	r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web?max-backoff=10ms", cc)
	seen := func(k Kind) func() bool { return func() bool { return len(kinds(rec, k)) > 0 } }
	eventually(t, "updated", seen(KindUpdated))
	f.change(func() {})
	eventually(t, "unchanged", seen(KindUnchanged))
	f.set("web")
	eventually(t, "empty", seen(KindEmpty))
	f.answer(refuse(500, "No cluster leader"))
	f.change(func() {})
	eventually(t, "backoff", seen(KindBackoff))
	eventually(t, "error", seen(KindError))
	f.change(func() { f.index = 3; f.entries["web"] = web(2) })
	f.answer(nil)
	eventually(t, "two instances", func() bool { return len(kinds(rec, KindUpdated)) == 2 })
	f.answer(func(w http.ResponseWriter, _ *http.Request, _ int) bool { reply200(w, "2", web(2)...); return true })
	f.change(func() {})
	eventually(t, "index reset", seen(KindIndexReset))
	r.Close()
	eventually(t, "closed", seen(KindClosed))
	for n, e := range rec.Events() {
		if e.Seq != uint64(n+1) || e.Time.IsZero() || e.Service != "web" || !strings.HasPrefix(e.Target, "consul://") {
			t.Errorf("event %d: %+v", n, e)
		}
	}
	if e := kinds(rec, KindUpdated)[1]; len(e.Endpoints) != 2 || len(e.Added) != 2 || len(e.Removed) != 0 || !e.Delivered || !e.KnownLeader {
		t.Errorf("second update %+v", e)
	}
	if e := kinds(rec, KindEmpty)[0]; len(e.Removed) != 1 || e.EmptyReason != ErrUnknownService.Error() {
		t.Errorf("empty %+v", e)
	}
	if e := kinds(rec, KindBackoff)[0]; e.Attempt != 1 || e.NextRetry <= 0 || e.Err == nil {
		t.Errorf("backoff %+v", e)
	}
}

// An observer that panics harms neither the channel nor the other observers.
func TestObserverThatPanics(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	log := &buffer{}
	cc, rec, _ := resolve(t, f, "", WithLogger(slog.New(slog.NewTextHandler(log, nil))),
		WithObserver(ObserverFunc(func(Event) { panic("oh no") })))
	eventually(t, "a list", func() bool { return cc.has() == "9000" && len(kinds(rec, KindUpdated)) == 1 })
	eventually(t, "a line in the log", func() bool { return strings.Contains(log.String(), "oh no") })
}

type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
func (b *buffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.Buffer.String() }

// Consul, or a proxy, repeats the token in its answer; the target carries token and password. None of it shows in
// an event, a log line, an error or a snapshot.
func TestNoSecretAnywhere(t *testing.T) {
	const token, password = "hunter2-token", "hunter2-password"
	f := newFake(t)
	f.set("web", web(1)...)
	f.answer(func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n%2 == 0 {
			return false
		}
		_, pass, _ := r.BasicAuth()
		http.Error(w, "no: "+r.Header.Get("X-Consul-Token")+" "+pass, http.StatusInternalServerError)
		return true
	})
	log := &buffer{}
	b, rec := newTestBuilder(t, WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	cc := &fakeChannel{}
	r := build(t, b, "consul://ann:"+password+"@"+f.Listener.Addr().String()+"/web?max-backoff=10ms&token="+token, cc)
	eventually(t, "a list after an error", func() bool { return cc.has() == "9000" && len(f.seen()) == 3 })
	f.set("web", web(2)...)
	eventually(t, "errors and updates", func() bool { return cc.has() == "9000 9001" && len(kinds(rec, KindBackoff)) >= 1 })
	if got := f.seen()[0]; got.token != token || got.pass != password {
		t.Fatalf("asked as %+v", got)
	}
	text := fmt.Sprintf("%+v %+v %v", rec.Events(), b.Snapshot(), cc.errors())
	r.Close()
	if text += log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "[redacted]") {
		t.Errorf("a secret shows, or nothing was redacted: %s", text)
	}
}

func TestRecorderKeepsTheNewest(t *testing.T) {
	r := &Recorder{Keep: 3}
	for n := range 10 {
		r.Observe(Event{Seq: uint64(n)})
	}
	got := ""
	for _, e := range r.Events() {
		got += fmt.Sprint(e.Seq, " ")
	}
	if got != "7 8 9 " || r.Dropped() != 7 {
		t.Errorf("kept %s, dropped %d", got, r.Dropped())
	}
}

// A subscriber that does not read holds up nobody, and finds the newest events when it does.
func TestSlowSubscriber(t *testing.T) {
	r := &Recorder{}
	ctx, cancel := context.WithCancel(t.Context())
	slow, quick := r.Subscribe(ctx), r.Subscribe(ctx)
	for n := range 1000 {
		r.Observe(Event{Seq: uint64(n)})
		if e := <-quick; e.Seq != uint64(n) {
			t.Fatalf("event %d came as %d", n, e.Seq)
		}
	}
	cancel()
	var last, count uint64
	for e := range slow { // ends, since ctx has
		last = e.Seq
		count++
	}
	if last != 999 || count != 256 || r.Dropped() != 744 {
		t.Errorf("read %d events up to %d, dropped %d", count, last, r.Dropped())
	}
	r.Observe(Event{})
}

func TestKindsHaveNames(t *testing.T) {
	names := map[string]bool{}
	for k := KindStarted; k <= KindClosed; k++ {
		names[k.String()] = true
	}
	if len(names) != int(KindClosed)+1 || Kind(99).String() != "kind(99)" || Kind(-1).String() != "kind(-1)" {
		t.Errorf("%v", names)
	}
}

// Many Builders' users at once: builds, closes, snapshots and news, for the race detector.
func TestConcurrentUse(t *testing.T) {
	f := newFake(t)
	f.set("web", web(3)...)
	b, _ := newTestBuilder(t, WithLinger(time.Millisecond))
	target := grpcTarget(t, "consul://"+f.Listener.Addr().String()+"/web")
	var users sync.WaitGroup
	for n := range 8 {
		users.Go(func() {
			for range 25 {
				cc := &fakeChannel{}
				r, err := b.Build(target, cc, grpcresolver.BuildOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				r.ResolveNow(grpcNow)
				f.set("web", web(n)...)
				b.Snapshot()
				r.Close()
			}
		})
	}
	users.Wait()
	eventually(t, "no watch", func() bool { return len(b.Snapshot()) == 0 })
}
