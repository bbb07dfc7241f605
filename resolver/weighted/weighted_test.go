package weighted_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"devstack/resolver"
	"devstack/resolver/weighted"

	"github.com/hashicorp/consul/api"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// consul is a service list that answers blocking queries.
type consul struct {
	*httptest.Server
	mu      sync.Mutex
	index   uint64
	entries []*api.ServiceEntry
	changed chan struct{}
}

func newConsul(t *testing.T) *consul {
	c := &consul{index: 1, changed: make(chan struct{})}
	c.Server = httptest.NewServer(c)
	t.Cleanup(func() { c.CloseClientConnections(); c.Server.Close() })
	return c
}

func (c *consul) set(replicas []*replica, weights ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = nil
	for i, r := range replicas {
		c.entries = append(c.entries, &api.ServiceEntry{Node: &api.Node{Node: "n"}, Service: &api.AgentService{
			ID: fmt.Sprint(i), Service: "web", Address: "127.0.0.1", Port: r.port,
			Weights: api.AgentWeights{Passing: weights[i], Warning: 1},
		}})
	}
	c.index++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *consul) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, _ := strconv.ParseUint(r.FormValue("index"), 10, 64)
	c.mu.Lock()
	for c.index <= asked {
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	w.Header().Set("X-Consul-Index", strconv.FormatUint(c.index, 10))
	w.Header().Set("X-Consul-KnownLeader", "true")
	_ = json.NewEncoder(w).Encode(c.entries)
}

// replica is a grpc server that counts its connections.
type replica struct {
	net.Listener
	port     int
	accepted atomic.Int64
}

func (r *replica) Accept() (net.Conn, error) {
	c, err := r.Listener.Accept()
	if err == nil {
		r.accepted.Add(1)
	}
	return c, err
}

func newReplica(t *testing.T) *replica {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{Listener: l, port: l.Addr().(*net.TCPAddr).Port}
	s := grpc.NewServer()
	healthpb.RegisterHealthServer(s, health.NewServer())
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(r) })
	t.Cleanup(func() { s.Stop(); serving.Wait() })
	return r
}

func replicas(t *testing.T, n int) (out []*replica) {
	for range n {
		out = append(out, newReplica(t))
	}
	return out
}

// dial is a channel to the service web, and the resolver's events.
func dial(t *testing.T, c *consul) (*grpc.ClientConn, <-chan resolver.Event) {
	events := make(chan resolver.Event, 64)
	b := resolver.NewBuilder(resolver.WithLinger(0), resolver.WithObserver(resolver.ObserverFunc(func(e resolver.Event) { events <- e })))
	conn, err := grpc.NewClient("consul://"+strings.TrimPrefix(c.URL, "http://")+"/web", grpc.WithResolvers(b),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"`+weighted.Name+`":{}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); b.Close() })
	return conn, events
}

func call(ctx context.Context, t *testing.T, conn *grpc.ClientConn) string {
	t.Helper()
	var from peer.Peer
	if _, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Peer(&from), grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	return from.Addr.String()
}

// shares is who served n calls.
func shares(ctx context.Context, t *testing.T, conn *grpc.ClientConn, to []*replica, n int) string {
	t.Helper()
	by := map[string]int{}
	for range n {
		by[call(ctx, t, conn)]++
	}
	var out []int
	for _, r := range to {
		out = append(out, by[r.Addr().String()])
	}
	return fmt.Sprint(out)
}

// until makes rounds of n calls until their shares are as wanted: subchannels become ready one by one.
func until(ctx context.Context, t *testing.T, conn *grpc.ClientConn, to []*replica, n int, want string) {
	t.Helper()
	for last := ""; last != want; last = shares(ctx, t, conn, to, n) {
		if ctx.Err() != nil {
			t.Fatalf("shares are %s, want %s", last, want)
		}
	}
}

func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestConsulsWeightsAreTheShares(t *testing.T) {
	ctx, c, to := patience(t), newConsul(t), replicas(t, 3)
	c.set(to, 1, 2, 5)
	conn, _ := dial(t, c)
	until(ctx, t, conn, to, 8, "[1 2 5]")
	for range 10 {
		if got := shares(ctx, t, conn, to, 8); got != "[1 2 5]" {
			t.Errorf("a cycle went %s", got)
		}
	}
}

func TestAWeightChangeOpensNoConnection(t *testing.T) {
	ctx, c, to := patience(t), newConsul(t), replicas(t, 3)
	c.set(to, 1, 2, 5)
	conn, events := dial(t, c)
	until(ctx, t, conn, to, 8, "[1 2 5]")
	for _, w := range [][]int{{5, 2, 1}, {1, 1, 1}, {6, 1, 1}} {
		c.set(to, w...)
		updated(t, events, w[0])
		if got := shares(ctx, t, conn, to, 24); got != fmt.Sprint(scale(w, 24)) {
			t.Errorf("weights %v: 24 calls went %s", w, got)
		}
	}
	for i, r := range to {
		if n := r.accepted.Load(); n != 1 {
			t.Errorf("replica %d has seen %d connections", i, n)
		}
	}
}

// updated waits until grpc has a list whose instance 0 weighs first.
func updated(t *testing.T, events <-chan resolver.Event, first int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case e := <-events:
			for _, i := range e.Endpoints {
				if e.Kind == resolver.KindUpdated && i.ID == "0" && i.Weight == uint32(first) {
					return
				}
			}
		case <-deadline:
			t.Fatalf("no update to weight %d", first)
		}
	}
}

func scale(weights []int, to int) (out []int) {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	for _, w := range weights {
		out = append(out, w*to/sum)
	}
	return out
}

func TestTheOthersShareWhenOneIsGone(t *testing.T) {
	ctx, c, to := patience(t), newConsul(t), replicas(t, 3)
	c.set(to, 1, 2, 5)
	conn, _ := dial(t, c)
	until(ctx, t, conn, to, 8, "[1 2 5]")
	c.set(to[:2], 1, 2)
	until(ctx, t, conn, to, 9, "[3 6 0]")
}

// A replica that takes a connection and says nothing is connecting for long: the call waits, it does not fail.
func TestNobodyReadyIsAWait(t *testing.T) {
	ctx, c := patience(t), newConsul(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := &replica{Listener: l, port: l.Addr().(*net.TCPAddr).Port}
	c.set([]*replica{silent}, 3)
	conn, _ := dial(t, c)
	conn.Connect()
	for s := conn.GetState(); s != connectivity.Connecting; s = conn.GetState() {
		if !conn.WaitForStateChange(ctx, s) {
			t.Fatalf("still %v", s)
		}
	}
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_, err = healthpb.NewHealthClient(conn).Check(short, &healthpb.HealthCheckRequest{})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("got %v, want a wait until the deadline", err)
	}
	ok := newReplica(t)
	c.set([]*replica{silent, ok}, 3, 1)
	if from := call(ctx, t, conn); from != ok.Addr().String() {
		t.Errorf("served by %s", from)
	}
}
