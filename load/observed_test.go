package load_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"devstack/load"
)

// recorder is an observer that remembers, and that notices when it is called from two goroutines at once.
type recorder struct {
	t    testing.TB
	busy sync.Mutex

	mu      sync.Mutex
	steps   []load.SubchannelChange
	pickers []load.PickerUpdate
}

func (r *recorder) alone(record func()) {
	if !r.busy.TryLock() {
		r.t.Error("observer called while it was being called")
		return
	}
	defer r.busy.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	record()
}

func (r *recorder) SubchannelChanged(c load.SubchannelChange) {
	r.alone(func() { r.steps = append(r.steps, c) })
}

func (r *recorder) PickerUpdated(u load.PickerUpdate) {
	r.alone(func() { r.pickers = append(r.pickers, u) })
}

func (r *recorder) picker() load.PickerUpdate {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pickers) == 0 {
		return load.PickerUpdate{}
	}
	return r.pickers[len(r.pickers)-1]
}

func (r *recorder) updates() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pickers)
}

// path is every state that addr's subchannels took, and checks that each step starts where the last ended.
func (r *recorder) path(addr string) []connectivity.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	var path []connectivity.State
	for _, s := range r.steps {
		if s.Addr != addr {
			continue
		}
		if len(path) > 0 && s.From != path[len(path)-1] && path[len(path)-1] != connectivity.Shutdown {
			r.t.Errorf("%s stepped from %s but was %s", addr, s.From, path[len(path)-1])
		}
		path = append(path, s.To)
	}
	return path
}

func (r *recorder) ready(addrs ...string) func() bool {
	addrs = slices.Sorted(slices.Values(addrs))
	return func() bool { return slices.Equal(r.picker().Ready, addrs) }
}

func (r *recorder) everReady(addr string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.pickers, func(u load.PickerUpdate) bool { return slices.Contains(u.Ready, addr) })
}

func TestRoundRobinStaysExact(t *testing.T) {
	_, addrs := serveMany(t, 3)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin"), rec, state(addrs...))
	conn.Connect()
	eventually(t, "all ready", rec.ready(addrs...))

	before := rec.updates()
	share := map[string]int{}
	for range 300 {
		p, err := ping(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		if p.Attempts != 1 || p.Time.IsZero() {
			t.Fatalf("pick %+v, want one attempt and its time", p)
		}
		share[p.Addr]++
	}
	if n := rec.updates(); n != before {
		t.Fatal("the picker changed though nothing happened")
	}
	for _, a := range addrs {
		if share[a] != 100 {
			t.Errorf("shares %v, want 100 each", share)
		}
	}
}

func TestKilledServerLeavesThePicker(t *testing.T) {
	servers, addrs := serveMany(t, 3)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin"), rec, state(addrs...))
	conn.Connect()
	eventually(t, "all ready", rec.ready(addrs...))

	servers[0].grpc.Stop()
	eventually(t, "picker without the victim", rec.ready(addrs[1:]...))
	eventually(t, "reconnecting fails", func() bool {
		return slices.Contains(rec.path(addrs[0]), connectivity.TransientFailure)
	})
	want := []connectivity.State{connectivity.Connecting, connectivity.Ready, connectivity.Idle, connectivity.Connecting, connectivity.TransientFailure}
	if got := rec.path(addrs[0]); !slices.Equal(got[:5], want) {
		t.Errorf("victim went through %v, want %v", got[:5], want)
	}
	for range 10 {
		if p, err := ping(t.Context(), conn); err != nil || p.Addr == addrs[0] {
			t.Errorf("picked %s (%v) after it left the picker", p.Addr, err)
		}
	}

	servers[1].grpc.Stop()
	servers[2].grpc.Stop()
	eventually(t, "failing picker", func() bool { return rec.picker().State == connectivity.TransientFailure })
	if u := rec.picker(); u.Err == nil || len(u.Ready) != 0 {
		t.Errorf("failing picker %+v, want no address and a reason", u)
	}
}

func TestRemovedAddressShutsDown(t *testing.T) {
	_, addrs := serveMany(t, 2)
	rec := &recorder{t: t}
	conn, r := channel(t, config(t, "round_robin"), rec, state(addrs...))
	conn.Connect()
	eventually(t, "both ready", rec.ready(addrs...))
	r.UpdateState(state(addrs[1]))
	eventually(t, "one ready", rec.ready(addrs[1]))
	if got := rec.path(addrs[0]); got[len(got)-1] != connectivity.Shutdown {
		t.Errorf("removed address went through %v, want SHUTDOWN last", got)
	}
	r.UpdateState(state(addrs...))
	eventually(t, "both ready again", rec.ready(addrs...))
}

func TestCloseShutsEverythingDown(t *testing.T) {
	_, addrs := serveMany(t, 2)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin"), rec, state(addrs...))
	conn.Connect()
	eventually(t, "both ready", rec.ready(addrs...))
	conn.Close()
	for _, a := range addrs {
		if got := rec.path(a); got[len(got)-1] != connectivity.Shutdown {
			t.Errorf("%s ended as %v, want SHUTDOWN", a, got)
		}
	}
	if u := rec.picker(); u.State != connectivity.Shutdown || len(u.Ready) != 0 {
		t.Errorf("last picker %+v, want SHUTDOWN", u)
	}
}

func TestIdleChannelWakesUpObserved(t *testing.T) {
	_, addrs := serveMany(t, 2)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin"), rec, state(addrs...), grpc.WithIdleTimeout(50*time.Millisecond))
	conn.Connect()
	for range 2 {
		eventually(t, "both ready", rec.ready(addrs...))
		eventually(t, "idle", func() bool { return rec.picker().State == connectivity.Shutdown })
		if p, err := ping(t.Context(), conn); err != nil || !slices.Contains(addrs, p.Addr) {
			t.Fatalf("call after idling: %+v, %v", p, err)
		}
	}
}

func TestPickFirstUsesOne(t *testing.T) {
	servers, addrs := serveMany(t, 3)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "pick_first"), rec, state(addrs...))
	conn.Connect()
	eventually(t, "one ready", rec.ready(addrs[0]))
	servers[0].grpc.Stop()
	eventually(t, "victim noticed", func() bool { return rec.picker().State != connectivity.Ready })
	p, err := ping(t.Context(), conn)
	if err != nil || p.Addr != addrs[1] {
		t.Errorf("picked %s (%v), want the next, %s", p.Addr, err, addrs[1])
	}
}

func TestLeastRequestIsKnown(t *testing.T) {
	_, addrs := serveMany(t, 2)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "least_request", load.WithPolicyConfig(`{"choiceCount":3}`)), rec, state(addrs...))
	conn.Connect()
	eventually(t, "both ready", rec.ready(addrs...))
	for range 10 {
		if p, err := ping(t.Context(), conn); err != nil || p.Attempts != 1 {
			t.Errorf("pick %+v, %v", p, err)
		}
	}
}

func TestHealthCheckTakesAReplicaOut(t *testing.T) {
	servers, addrs := serveMany(t, 2)
	servers[1].health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin", load.WithHealthCheck("")), rec, state(addrs...))
	conn.Connect()
	failing := func(addr string) func() bool {
		return func() bool {
			path := rec.path(addr)
			return len(path) > 0 && path[len(path)-1] == connectivity.TransientFailure
		}
	}
	eventually(t, "unhealthy from the start", failing(addrs[1]))
	eventually(t, "one usable", rec.ready(addrs[0]))
	if rec.everReady(addrs[1]) {
		t.Errorf("a picker could use %s, which never served", addrs[1])
	}
	servers[1].health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	eventually(t, "both usable", rec.ready(addrs...))
	servers[0].health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	eventually(t, "unhealthy later", failing(addrs[0]))
	eventually(t, "the other usable", rec.ready(addrs[1]))
}

// TestReconnectedButUnhealthyIsNeverReady: the connection is back, and a picker is made before the replica was asked.
func TestReconnectedButUnhealthyIsNeverReady(t *testing.T) {
	good := serve(t)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := lis.Addr().String()
	lis.Close() // nobody there yet
	rec := &recorder{t: t}
	fast := grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 20 * time.Millisecond, MaxDelay: 20 * time.Millisecond}, MinConnectTimeout: time.Second})
	conn, _ := channel(t, config(t, "round_robin", load.WithHealthCheck("")), rec, state(good.addr, addr), fast)
	conn.Connect()
	eventually(t, "one ready", rec.ready(good.addr))
	eventually(t, "the other refused", func() bool { return slices.Contains(rec.path(addr), connectivity.TransientFailure) })

	if lis, err = net.Listen("tcp", addr); err != nil {
		t.Fatal(err)
	}
	serveOn(t, lis, healthpb.HealthCheckResponse_NOT_SERVING)
	eventually(t, "connected and unhealthy", func() bool {
		path := rec.path(addr)
		at := slices.Index(path, connectivity.Ready)
		return at >= 0 && slices.Contains(path[at:], connectivity.TransientFailure)
	})
	if rec.everReady(addr) {
		t.Errorf("a picker could use %s, which never served", addr)
	}
}

func TestPolicyChangesWithoutAFailedCall(t *testing.T) {
	_, addrs := serveMany(t, 3)
	rec := &recorder{t: t}
	conn, r := channel(t, "{}", rec, grpcresolver.State{}) // the resolver decides
	update := func(js string) {
		s := state(addrs...)
		s.ServiceConfig = r.CC().ParseServiceConfig(js)
		r.UpdateState(s)
	}
	build(conn, r)
	update(config(t, "pick_first"))
	eventually(t, "one ready", rec.ready(addrs[0]))
	before := rec.updates()

	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		for ctx.Err() == nil {
			if _, err := ping(context.WithoutCancel(ctx), conn); err != nil {
				t.Errorf("call while policies change: %v", err)
			}
		}
	})
	for range 5 {
		update(config(t, "round_robin"))
		eventually(t, "all ready", rec.ready(addrs...))
		update(config(t, "pick_first"))
		eventually(t, "one ready", func() bool { return len(rec.picker().Ready) == 1 })
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, u := range rec.pickers[before:] {
		if u.State != connectivity.Ready {
			t.Errorf("the change left the channel %s for a while", u.State)
		}
	}
}

func TestErrorBeforeTheFirstState(t *testing.T) {
	_, addrs := serveMany(t, 1)
	rec := &recorder{t: t}
	conn, r := channel(t, config(t, "round_robin"), rec, grpcresolver.State{})
	build(conn, r)
	r.CC().ReportError(errors.New("registry on fire"))
	if _, err := ping(t.Context(), conn); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "registry on fire") {
		t.Errorf("call after a resolver error: %v", err)
	}
	if u := rec.picker(); u.State != connectivity.TransientFailure || u.Err == nil {
		t.Errorf("picker after a resolver error: %+v", u)
	}
	r.UpdateState(state(addrs...))
	eventually(t, "ready", rec.ready(addrs...))
}

func TestRetriesCountAsAttempts(t *testing.T) {
	var mu sync.Mutex
	calls := 0
	fail := grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls < 3 {
			return nil, status.Error(codes.Unavailable, "not yet")
		}
		return h(ctx, req)
	})
	a := serve(t, fail)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin", load.WithRetry(load.Retry{MaxAttempts: 3, Initial: time.Millisecond})), rec, state(a.addr))
	p, err := ping(t.Context(), conn)
	if err != nil || p.Attempts != 3 || p.Addr != a.addr {
		t.Errorf("pick %+v, %v; want 3 attempts", p, err)
	}
}

// tries counts a call's attempts as grpc itself does, which may repeat a call that no
// server has seen without any retry policy.
type tries struct{ stats.Handler }

func (tries) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	*ctx.Value(tries{}).(*int)++
	return ctx
}
func (tries) HandleRPC(context.Context, stats.RPCStats)                         {}
func (tries) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (tries) HandleConn(context.Context, stats.ConnStats)                       {}

// TestUnusedPickIsTakenBack lets a policy pick connections that grpc cannot use any more.
func TestUnusedPickIsTakenBack(t *testing.T) {
	servers, addrs := serveMany(t, 2)
	rec := &recorder{t: t}
	conn, _ := channel(t, config(t, "round_robin"), rec, state(addrs...), grpc.WithStatsHandler(tries{}))
	conn.Connect()
	eventually(t, "both ready", rec.ready(addrs...))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 300 {
				var tried int
				p, err := ping(context.WithValue(t.Context(), tries{}, &tried), conn)
				if err == nil && p.Attempts != tried {
					t.Errorf("%+v for a call that grpc tried %d times", p, tried)
				}
			}
		})
	}
	servers[0].grpc.Stop()
	wg.Wait()
}

func TestEndpointAttributesArePassedOn(t *testing.T) {
	type key struct{}
	first := state("127.0.0.1:1")
	first.Attributes = first.Attributes.WithValue(key{}, "state")
	first.Endpoints[0].Attributes = first.Endpoints[0].Attributes.WithValue(key{}, "endpoint")
	seen := make(chan string, 1)
	spy.set(func(s balancer.ClientConnState) {
		seen <- fmt.Sprintf("%v %v", s.ResolverState.Attributes.Value(key{}), s.ResolverState.Endpoints[0].Attributes.Value(key{}))
	})
	conn, _ := channel(t, config(t, "spy"), &recorder{t: t}, first)
	conn.Connect()
	if got := <-seen; got != "state endpoint" {
		t.Errorf("policy saw %q", got)
	}
}

func TestBadConfigs(t *testing.T) {
	for _, js := range []string{
		`{"loadBalancingConfig":[{"devstack_observed":{}}]}`,
		`{"loadBalancingConfig":[{"devstack_observed":{"childPolicy":[{"nobody":{}}]}}]}`,
		`{"loadBalancingConfig":[{"devstack_observed":{"childPolicy":[{"round_robin":{},"pick_first":{}}]}}]}`,
		`{"loadBalancingConfig":[{"devstack_observed":{"childPolicy":3}}]}`,
	} {
		if conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecureCreds), grpc.WithDefaultServiceConfig(js)); err == nil {
			conn.Close()
			t.Errorf("accepted %s", js)
		}
	}
	for name, opt := range map[string]load.ConfigOption{
		"attempts": load.WithRetry(load.Retry{MaxAttempts: 1}),
		"code":     load.WithRetry(load.Retry{MaxAttempts: 2, Codes: []codes.Code{codes.OK}}),
		"backoff":  load.WithRetry(load.Retry{MaxAttempts: 2, Initial: -1}),
		"tokens":   load.WithRetryThrottling(0, 1),
		"ratio":    load.WithRetryThrottling(10, 0),
		"policy":   load.WithPolicyConfig(`[]`),
	} {
		if js, err := load.ServiceConfig("round_robin", opt); err == nil {
			t.Errorf("%s: accepted as %s", name, js)
		}
	}
	if js, err := load.ServiceConfig("round_robbin"); err == nil {
		t.Errorf("unknown policy accepted as %s", js)
	}
}

// Left to itself ring_hash wants grpc's xDS client to have hashed the call, and fails every one.
func TestRingHashServesCallsWithAndWithoutAKey(t *testing.T) {
	s := serve(t)
	conn, _ := channel(t, config(t, "ring_hash"), &recorder{t: t}, state(s.addr))
	for _, ctx := range []context.Context{t.Context(), metadata.AppendToOutgoingContext(t.Context(), load.KeyHeader, "k")} {
		if _, err := check(conn)(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestServiceConfigIsValidForGRPC(t *testing.T) {
	js := config(t, "round_robin", load.WithWaitForReady(), load.WithHealthCheck("x"), load.WithRetryThrottling(10, 0.1),
		load.WithRetry(load.Retry{MaxAttempts: 5, Codes: slices.Collect(maps.Keys(map[codes.Code]bool{codes.Internal: true}))}))
	_, r := channel(t, js, &recorder{t: t}, grpcresolver.State{})
	_ = r
}
