package resolver

import (
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"
)

// blackHole is an address where nobody listens any more.
func blackHole(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// goroutines of this package's own code.
func ours() int {
	buf := make([]byte, 1<<20)
	n := 0
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, ".(*watch).run") || strings.Contains(stack, ".(*channel).run") {
			n++
		}
	}
	return n
}

func TestBuildSpeaksToNobody(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	f.answer(func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		select {
		case <-release:
		case <-r.Context().Done():
		}
		return false
	})
	// Build has returned although Consul has not answered, and cannot while the test holds it.
	cc, _, _ := resolve(t, f, "")
	if cc.has() != "-" || len(cc.errors()) != 0 {
		t.Errorf("told %s, %v", cc.has(), cc.errors())
	}
	close(release)
}

func TestCloseInABlockingQueryEndsEverything(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t)
	cc := &fakeChannel{}
	r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web", cc)
	eventually(t, "a blocking query", func() bool { return cc.has() == "9000" && len(f.seen()) == 2 })
	r.Close()
	r.Close() // idempotent
	b.Close()
	if n := ours(); n != 0 {
		t.Errorf("%d goroutines after Close", n)
	}
}

func TestCloseWhileConsulIsDownEndsEverything(t *testing.T) {
	b, rec := newTestBuilder(t)
	r := build(t, b, "consul://"+blackHole(t)+"/web", &fakeChannel{})
	eventually(t, "a backoff", func() bool { return len(kinds(rec, KindBackoff)) > 0 })
	r.Close()
	b.Close()
	if n := ours(); n != 0 {
		t.Errorf("%d goroutines after Close", n)
	}
}

// The channel hears nothing after Close, whatever Consul says at that moment.
func TestNoCallAfterClose(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	stop := make(chan struct{})
	var churn sync.WaitGroup
	churn.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				f.set("web", web(1+n%5)...)
				time.Sleep(100 * time.Microsecond)
			}
		}
	})
	b, _ := newTestBuilder(t)
	var all []*fakeChannel
	for range 200 {
		cc := &fakeChannel{}
		r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web", cc)
		r.Close()
		cc.mu.Lock()
		cc.closed = true
		cc.mu.Unlock()
		all = append(all, cc)
	}
	close(stop)
	churn.Wait()
	b.Close()
	for n, cc := range all {
		if cc.late > 0 {
			t.Errorf("channel %d: %d calls after Close", n, cc.late)
		}
	}
	if n := ours(); n != 0 {
		t.Errorf("%d goroutines after 200 channels", n)
	}
}

// Close waits for a call of grpc's that is under way, so that none is under way after it.
func TestCloseWaitsForItsOwnGoroutine(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t)
	cc := &fakeChannel{block: make(chan struct{}), entered: make(chan struct{}, 1)}
	r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web", cc)
	<-cc.entered
	closed := make(chan struct{})
	go func() { r.Close(); close(closed) }()
	select {
	case <-closed:
		t.Error("Close returned in the middle of UpdateState")
	case <-time.After(50 * time.Millisecond): // a Close that does not wait takes microseconds
	}
	close(cc.block)
	<-closed
}

func TestManyChannelsShareOneQueryAndOneConnection(t *testing.T) {
	f := unstartedFake()
	srv := newUnstarted(t, f)
	conns := countConnections(srv)
	srv.Start()
	f.Server = srv
	t.Cleanup(f.stop)
	f.set("web", web(3)...)
	b, rec := newTestBuilder(t)
	var all []*fakeChannel
	for range 200 {
		cc := &fakeChannel{}
		build(t, b, "consul://"+f.Listener.Addr().String()+"/web", cc)
		all = append(all, cc)
	}
	for _, cc := range all {
		eventually(t, "a list for everybody", func() bool { return cc.has() == "9000 9001 9002" })
	}
	eventually(t, "the blocking query", func() bool { return len(f.seen()) == 2 })
	if n := conns(); n != 1 {
		t.Errorf("%d connections for 200 channels", n)
	}
	f.set("web", web(2)...)
	for _, cc := range all {
		eventually(t, "the change for everybody", func() bool { return cc.has() == "9000 9001" })
	}
	if n := len(f.seen()); n > 3 {
		t.Errorf("%d requests for two lists", n)
	}
	if !kinds(rec, KindUpdated)[0].Delivered {
		t.Error("an update came before the balancer had it")
	}
	if s := b.Snapshot(); len(s) != 1 || s[0].Subscribers != 200 {
		t.Errorf("snapshot %+v", s)
	}
}

// A slow balancer delays its own channel only.
func TestASlowChannelDelaysNobodyElse(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t)
	slow, quick := &fakeChannel{block: make(chan struct{})}, &fakeChannel{}
	build(t, b, "consul://"+f.Listener.Addr().String()+"/web", slow)
	build(t, b, "consul://"+f.Listener.Addr().String()+"/web", quick)
	eventually(t, "the first list", func() bool { return quick.has() == "9000" })
	f.set("web", web(2)...)
	eventually(t, "the second", func() bool { return quick.has() == "9000 9001" })
	f.set("web", web(3)...)
	eventually(t, "the third", func() bool { return quick.has() == "9000 9001 9002" })
	close(slow.block)
	eventually(t, "the newest for the slow one", func() bool { return slow.has() == "9000 9001 9002" })
}

// A channel that left idleness has its list without a round trip, within the linger.
func TestLeavingIdlenessCostsNoRequest(t *testing.T) {
	f := newFake(t)
	f.set("web", web(2)...)
	b, _ := newTestBuilder(t, WithLinger(time.Hour))
	target := "consul://" + f.Listener.Addr().String() + "/web"
	first := &fakeChannel{}
	r := build(t, b, target, first)
	eventually(t, "a list and a blocking query", func() bool { return first.has() == "9000 9001" && len(f.seen()) == 2 })
	for range 20 {
		r.Close()
		cc := &fakeChannel{}
		r = build(t, b, target, cc)
		eventually(t, "the list again", func() bool { return cc.has() == "9000 9001" })
	}
	if n := len(f.seen()); n != 2 {
		t.Errorf("%d requests after 20 idle cycles, want the first two", n)
	}
}

func TestBuilderCloseEndsLingeringWatches(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	b, _ := newTestBuilder(t, WithLinger(time.Hour))
	cc := &fakeChannel{}
	r := build(t, b, "consul://"+f.Listener.Addr().String()+"/web", cc)
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	r.Close()
	b.Close()
	b.Close()
	if n := ours(); n != 0 {
		t.Errorf("%d goroutines", n)
	}
	if _, err := b.Build(grpcTarget(t, "consul:///web"), cc, grpcresolver.BuildOptions{}); err == nil {
		t.Error("a closed Builder builds")
	}
}

func grpcTarget(t *testing.T, s string) grpcresolver.Target {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return grpcresolver.Target{URL: *u}
}
