package modulo_test

import (
	"context"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/balancer/ringhash"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"devstack/load/modulo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	healthpb.RegisterHealthServer(s, health.NewServer())
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() { s.Stop(); <-done })
	return l.Addr().String()
}

func state(addrs []string) (s grpcresolver.State) {
	for _, a := range addrs {
		s.Endpoints = append(s.Endpoints, grpcresolver.Endpoint{Addresses: []grpcresolver.Address{{Addr: a}}})
	}
	return s
}

func dial(t *testing.T, policy string, addrs []string) (*grpc.ClientConn, *manual.Resolver) {
	t.Helper()
	r := manual.NewBuilderWithScheme("test")
	r.InitialState(state(addrs))
	conn, err := grpc.NewClient("test:///x", grpc.WithResolvers(r), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"`+policy+`":{"requestHashHeader":"User-ID"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, r
}

func call(ctx context.Context, t *testing.T, conn *grpc.ClientConn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var from peer.Peer
	if _, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Peer(&from), grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	return from.Addr.String()
}

const keys = 200

// homes is who answers each key.
func homes(t *testing.T, conn *grpc.ClientConn) (out [keys]string) {
	for k := range out {
		out[k] = call(metadata.AppendToOutgoingContext(t.Context(), "user-id", strconv.Itoa(k)), t, conn)
	}
	return out
}

// spread waits until calls go to just want.
func spread(t *testing.T, conn *grpc.ClientConn, want []string) [keys]string {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		all := homes(t, conn)
		if got := slices.Compact(slices.Sorted(slices.Values(all[:]))); slices.Equal(got, want) && all == homes(t, conn) {
			return all
		}
	}
	t.Fatal("calls never went to all")
	return [keys]string{}
}

// needless is how many keys of survivors are elsewhere when the last of five replicas has gone.
func needless(t *testing.T, policy string) (moved int) {
	var addrs []string
	for range 5 {
		addrs = append(addrs, serve(t))
	}
	conn, r := dial(t, policy, addrs)
	before := spread(t, conn, addrs)
	r.UpdateState(state(addrs[:4]))
	after := spread(t, conn, addrs[:4])
	for k := range before {
		if before[k] != addrs[4] && after[k] != before[k] {
			moved++
		}
	}
	return moved
}

// Of 160 keys that need not move, a modulo moves three quarters, a ring that is made anew a few.
func TestAModuloMovesWhatARingLeaves(t *testing.T) {
	modulo, ring := needless(t, modulo.Name), needless(t, "ring_hash_experimental")
	t.Logf("moved without need: %d by the modulo, %d by the ring", modulo, ring)
	if modulo < 80 || ring > 60 {
		t.Errorf("moved without need: %d by the modulo, %d by the ring", modulo, ring)
	}
}

func TestACallWithoutAKeyGoesAnywhere(t *testing.T) {
	addrs := []string{serve(t), serve(t)}
	conn, _ := dial(t, modulo.Name, addrs)
	spread(t, conn, addrs)
	seen := map[string]bool{}
	for len(seen) < len(addrs) { // the test's own time limit ends it
		seen[call(t.Context(), t, conn)] = true
	}
}

func TestAHeaderIsRequired(t *testing.T) {
	for _, config := range []string{`{}`, `{"requestHashHeader":3}`} {
		conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"`+modulo.Name+`":`+config+`}]}`))
		if err == nil {
			conn.Close()
			t.Errorf("accepted %s", config)
		}
	}
}
