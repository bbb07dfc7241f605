package resolver

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/balancer/leastrequest"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// countingListener counts the connections it accepts.
type countingListener struct {
	net.Listener
	accepted atomic.Int32
}

func (l *countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return c, err
}

// greeter is a real gRPC server that counts its connections.
func greeter(t *testing.T) *countingListener {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &countingListener{Listener: tcp}
	srv := grpc.NewServer()
	healthpb.RegisterHealthServer(srv, health.NewServer())
	var serving sync.WaitGroup
	serving.Go(func() { _ = srv.Serve(l) })
	t.Cleanup(func() { srv.Stop(); serving.Wait() })
	return l
}

// registered is l as an instance of web.
func registered(l net.Listener, edit ...func(*api.ServiceEntry)) *api.ServiceEntry {
	return entry(l.Addr().String(), "127.0.0.1", l.Addr().(*net.TCPAddr).Port, edit...)
}

// caller calls service web of f over a real channel.
func caller(t *testing.T, f *fake, policy string) (call func() error, rec *Recorder) {
	t.Helper()
	b, rec := newTestBuilder(t)
	conn, err := grpc.NewClient("consul://"+f.Listener.Addr().String()+"/web?max-backoff=20ms", grpc.WithResolvers(b), grpc.WithNoProxy(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"`+policy+`":{}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client := healthpb.NewHealthClient(conn)
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		_, err := client.Check(ctx, &healthpb.HealthCheckRequest{})
		return err
	}, rec
}

// Edits of tags, meta, weight and health output are told to the balancer, and reconnect nothing.
func TestEditsDoNotReconnect(t *testing.T) {
	for _, policy := range []string{"pick_first", "round_robin", "least_request_experimental"} {
		t.Run(policy, func(t *testing.T) {
			f, server := newFake(t), greeter(t)
			f.set("web", registered(server))
			call, rec := caller(t, f, policy)
			if err := call(); err != nil {
				t.Fatal(err)
			}
			for n := range 6 {
				f.set("web", registered(server, func(e *api.ServiceEntry) {
					e.Service.Tags = []string{fmt.Sprint("tag", n)}
					e.Service.Meta = map[string]string{"n": fmt.Sprint(n)}
					e.Service.Weights.Passing = n + 2
				}))
				eventually(t, "the edit", func() bool { return len(kinds(rec, KindUpdated)) == n+2 })
				if err := call(); err != nil {
					t.Fatal(err)
				}
			}
			if n := server.accepted.Load(); n != 1 {
				t.Errorf("%d connections for six edits", n)
			}
		})
	}
}

// Consul restarts with a low index and the replica comes back on a new port: no call fails for long, and none
// waits for a blocking query to end.
func TestCallsFollowARestartOfEverything(t *testing.T) {
	f, old, fresh := newFake(t), greeter(t), greeter(t)
	f.change(func() { f.index = 1000; f.entries["web"] = []*api.ServiceEntry{registered(old)} })
	call, rec := caller(t, f, "round_robin")
	if err := call(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a blocking query", func() bool { return len(f.seen()) == 2 })
	f.mu.Lock()
	f.index, f.entries["web"] = 20, []*api.ServiceEntry{registered(fresh)}
	f.mu.Unlock()
	f.CloseClientConnections()
	eventually(t, "a call on the new port", func() bool { return call() == nil && fresh.accepted.Load() == 1 })
	if n := len(kinds(rec, KindUpdated)); n != 2 {
		t.Errorf("%d updates", n)
	}
	if n := len(f.seen()); n > 5 {
		t.Errorf("%d requests", n)
	}
}

// When the last instance leaves, calls fail at once; while Consul cannot be asked, they go on.
func TestCallsDuringEmptinessAndOutage(t *testing.T) {
	f, server := newFake(t), greeter(t)
	f.set("web", registered(server))
	call, rec := caller(t, f, "round_robin")
	if err := call(); err != nil {
		t.Fatal(err)
	}
	f.answer(refuse(500, "No cluster leader"))
	f.change(func() {})
	eventually(t, "an outage", func() bool { return len(kinds(rec, KindBackoff)) >= 3 })
	if err := call(); err != nil {
		t.Errorf("during the outage: %v", err)
	}
	f.set("web")
	f.answer(nil)
	eventually(t, "nobody", func() bool { return len(kinds(rec, KindEmpty)) == 1 })
	if err := call(); err == nil || strings.Contains(err.Error(), "DeadlineExceeded") {
		t.Errorf("with nobody to call: %v", err)
	}
	f.set("web", registered(server))
	eventually(t, "calls again", func() bool { return call() == nil })
}
