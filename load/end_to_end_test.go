package load_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"devstack/load"
)

// TestResultsNameTheVictim kills one of three servers under load: every result is whole, and those that failed
// say where.
func TestResultsNameTheVictim(t *testing.T) {
	servers, addrs := serveMany(t, 3)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin"), rec, state(addrs...))
	conn.Connect()
	eventually(t, "all ready", rec.ready(addrs...))

	var mu sync.Mutex
	var got []load.Result
	a, err := load.New(load.Config{
		Call: check(conn), Pacer: load.Constant(2000), Deadline: 10 * time.Second,
		Sink: func(r load.Result) { mu.Lock(); defer mu.Unlock(); got = append(got, r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { a.Run(ctx) })
	done := func(n int) func() bool {
		return func() bool { mu.Lock(); defer mu.Unlock(); return len(got) >= n }
	}
	eventually(t, "some calls", done(300))
	servers[0].grpc.Stop()
	eventually(t, "picker without the victim", rec.ready(addrs[1:]...))
	eventually(t, "more calls", done(900))
	stop()
	wg.Wait()

	for _, r := range got {
		if r.Due > r.Sent || r.Sent > r.Picked || r.Picked > r.Done || r.Attempts < 1 || r.Addr == "" {
			t.Errorf("torn result %+v", r)
		}
		if r.Code != codes.OK && (r.Code != codes.Unavailable || r.Addr != addrs[0] || r.Backend != "") {
			t.Errorf("failed elsewhere: %+v", r)
		}
	}
}
