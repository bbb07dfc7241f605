package load_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"devstack/load"
)

// gate holds up a server's answers while it is shut.
type gate struct{ mu sync.RWMutex }

func (g *gate) pass(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return h(ctx, req)
}

// paused is what became of calls to a real server that stops answering for a second after
// the first hundred. It ends a thousand calls after that.
func paused(t *testing.T, cfg load.Config) []load.Result {
	t.Helper()
	g := &gate{}
	s := serve(t, grpc.UnaryInterceptor(g.pass))
	conn, _ := channel(t, config(t, "pick_first"), &recorder{t: t}, state(s.addr))
	var mu sync.Mutex
	var got []load.Result
	cfg.Call, cfg.Deadline = check(conn), 30*time.Second
	cfg.Sink = func(r load.Result) { mu.Lock(); defer mu.Unlock(); got = append(got, r) }
	done := func() int { mu.Lock(); defer mu.Unlock(); return len(got) }
	a, err := load.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { a.Run(ctx) })
	eventually(t, "calls before the pause", func() bool { return done() >= 100 })
	g.mu.Lock()
	time.Sleep(time.Second) // the pause is the point
	before := done()
	g.mu.Unlock()
	eventually(t, "calls after the pause", func() bool { return done() >= before+1000 })
	stop()
	wg.Wait()
	return got
}

const long = 500 * time.Millisecond

// slow counts the calls that took long, from when they were due and from when they were sent.
func slow(rs []load.Result) (fromDue, fromSend int) {
	for _, r := range rs {
		if r.Latency() > long {
			fromDue++
		}
		if r.Service() > long {
			fromSend++
		}
	}
	return fromDue, fromSend
}

func sum(rs []load.Result) load.Snapshot {
	var m load.Metrics
	for _, r := range rs {
		m.Add(r)
	}
	return m.Snapshot()
}

// TestClosedLoopHidesAPause is coordinated omission: the workers wait with the server, so
// a second without answers is one slow call each, and no percentile knows.
func TestClosedLoopHidesAPause(t *testing.T) {
	const workers = 4
	got := paused(t, load.Config{Workers: workers})
	_, fromSend := slow(got)
	if s := sum(got); fromSend < 1 || fromSend > workers || s.Service.P99 > long {
		t.Errorf("%d of %d calls were slow, p99 %s from sent; want 1 to %d, and a p99 that hides them", fromSend, len(got), s.Service.P99, workers)
	}
}

// TestOpenLoopShowsAPause: the calls that were due in the pause waited for its end, and
// say so, even when only one at a time is sent.
func TestOpenLoopShowsAPause(t *testing.T) {
	const rate = 500
	got := paused(t, load.Config{Pacer: load.Constant(rate), MaxInFlight: 1})
	fromDue, fromSend := slow(got)
	if s := sum(got); fromDue < rate*4/10 || fromSend > 1 || s.FromDue.P99 < long || s.Service.P99 > long {
		t.Errorf("of %d calls, %d were slow from due, p99 %s, and %d from sent, p99 %s; want at least %d and at most 1",
			len(got), fromDue, s.FromDue.P99, fromSend, s.Service.P99, rate*4/10)
	}
}
