package load_test

import (
	"context"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"devstack/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a real gRPC server that anyone can call: it knows grpc.health.v1 only, which is enough.
type server struct {
	addr   string
	grpc   *grpc.Server
	health *health.Server
}

func serve(t testing.TB, opts ...grpc.ServerOption) *server {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, lis, healthpb.HealthCheckResponse_SERVING, opts...)
}

func serveOn(t testing.TB, lis net.Listener, first healthpb.HealthCheckResponse_ServingStatus, opts ...grpc.ServerOption) *server {
	t.Helper()
	s := &server{addr: lis.Addr().String(), grpc: grpc.NewServer(opts...), health: health.NewServer()}
	s.health.SetServingStatus("", first)
	healthpb.RegisterHealthServer(s.grpc, s.health)
	done := make(chan error, 1)
	go func() { done <- s.grpc.Serve(lis) }()
	t.Cleanup(func() {
		s.grpc.Stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

func serveMany(t testing.TB, n int) (servers []*server, addrs []string) {
	for range n {
		s := serve(t)
		servers, addrs = append(servers, s), append(addrs, s.addr)
	}
	return servers, addrs
}

func state(addrs ...string) grpcresolver.State {
	var s grpcresolver.State
	for _, a := range addrs {
		s.Endpoints = append(s.Endpoints, grpcresolver.Endpoint{Addresses: []grpcresolver.Address{{Addr: a}}})
	}
	return s
}

// channel is an observed channel whose addresses the test decides; an empty first state is never sent.
func channel(t testing.TB, config string, o load.ChannelObserver, first grpcresolver.State, opts ...grpc.DialOption) (*grpc.ClientConn, *manual.Resolver) {
	t.Helper()
	r := manual.NewBuilderWithScheme("test")
	if first.Endpoints != nil {
		r.InitialState(first)
	}
	opts = append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithResolvers(load.Observe(r, o)),
		grpc.WithDefaultServiceConfig(config),
	}, opts...)
	conn, err := grpc.NewClient("test:///x", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, r
}

// build makes the channel have its resolver at once, so that the test can speak for it.
func build(conn *grpc.ClientConn, r *manual.Resolver) {
	built := make(chan struct{})
	r.BuildCallback = func(grpcresolver.Target, grpcresolver.ClientConn, grpcresolver.BuildOptions) { close(built) }
	conn.Connect()
	<-built
}

func config(t testing.TB, policy string, opts ...load.ConfigOption) string {
	t.Helper()
	js, err := load.ServiceConfig(policy, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func ping(ctx context.Context, conn *grpc.ClientConn) (load.Pick, error) {
	var p load.Pick
	_, err := healthpb.NewHealthClient(conn).Check(load.CaptureTo(ctx, &p), &healthpb.HealthCheckRequest{})
	return p, err
}

// eventually fails the test when cond does not become true in a time that only a hang would need.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}
