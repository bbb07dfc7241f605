package resolver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"devstack/resolver"
)

const roundRobin = `{"loadBalancingConfig":[{"round_robin":{}}]}`

// service is a gRPC server that anybody may call.
func service(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer()
	healthpb.RegisterHealthServer(srv, health.NewServer())
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.Serve(l) })
	t.Cleanup(func() { srv.Stop(); wg.Wait() })
	return l.Addr().(*net.TCPAddr).Port
}

// registry answers every query with entries, and blocks on an index.
func registry(t *testing.T, entries ...*api.ServiceEntry) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("index") != "" {
			<-r.Context().Done()
			return
		}
		w.Header().Set("X-Consul-Index", "5")
		w.Header().Set("X-Consul-KnownLeader", "true")
		if entries == nil {
			entries = []*api.ServiceEntry{}
		}
		_ = json.NewEncoder(w).Encode(entries)
	}))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return srv.Listener.Addr().String()
}

func instance(id string, port int) *api.ServiceEntry {
	return &api.ServiceEntry{
		Node:    &api.Node{Node: "n", Address: "127.0.0.1"},
		Service: &api.AgentService{ID: id, Service: "web", Port: port}, // without an address: its node's is meant
		Checks:  api.HealthChecks{{CheckID: "c", Status: api.HealthPassing}},
	}
}

func dial(t *testing.T, target string, opts ...grpc.DialOption) healthpb.HealthClient {
	t.Helper()
	b := resolver.NewBuilder(resolver.WithLinger(time.Minute))
	conn, err := grpc.NewClient(target, append([]grpc.DialOption{
		grpc.WithResolvers(b), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(roundRobin),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); b.Close() })
	return healthpb.NewHealthClient(conn)
}

func call(c healthpb.HealthClient, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := c.Check(ctx, &healthpb.HealthCheckRequest{})
	return err
}

func TestCallsFindTheirServer(t *testing.T) {
	c := dial(t, "consul://"+registry(t, instance("a", service(t)), instance("b", service(t)))+"/web")
	for range 4 {
		if err := call(c, 10*time.Second); err != nil {
			t.Fatal(err)
		}
	}
}

// Consul is down from the start: a call fails with the cause, long before its deadline.
func TestNoConsulIsSaidAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	err = call(dial(t, "consul://"+l.Addr().String()+"/web"), time.Minute)
	if status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), `"web"`) {
		t.Errorf("%v", err)
	}
}

func TestNobodyRegisteredIsSaidAtOnce(t *testing.T) {
	err := call(dial(t, "consul://"+registry(t)+"/web"), time.Minute)
	if status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), resolver.ErrUnknownService.Error()) {
		t.Errorf("%v", err)
	}
}

// A target that cannot be is an error of the first call, and names its parameter.
func TestABadTargetIsSaid(t *testing.T) {
	b := resolver.NewBuilder()
	defer b.Close()
	conn, err := grpc.NewClient("consul:///web?helth=any", grpc.WithResolvers(b), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		defer conn.Close()
		err = call(healthpb.NewHealthClient(conn), 10*time.Second)
	}
	if !strings.Contains(fmt.Sprint(err), `did you mean "health"`) {
		t.Errorf("%v", err)
	}
}

// A channel that goes idle and comes back, again and again, keeps working and leaves
// nothing behind (the leak check of this package would tell).
func TestIdleCycles(t *testing.T) {
	c := dial(t, "consul://"+registry(t, instance("a", service(t)))+"/web", grpc.WithIdleTimeout(time.Millisecond))
	for range 50 {
		if err := call(c, 10*time.Second); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Millisecond) // the pause is the subject
	}
}
