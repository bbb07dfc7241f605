package greeter_test

import (
	"context"
	"net"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter"
)

// TestMain lets one goroutine outlive the tests: sdk/testutil's port keeper, which nothing can end.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/hashicorp/consul/sdk/freeport.checkFreedPorts"))
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

// run starts a replica and returns its address and what ends it and waits.
func run(t *testing.T, cfg greeter.Config) (addr string, stop func() error) {
	t.Helper()
	if cfg.Listener == nil {
		cfg.Listener = listen(t)
	}
	if cfg.Name == "" {
		cfg.Name = "r1"
	}
	s, err := greeter.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() error {
		cancel()
		stopped = true
		return <-done
	}
	t.Cleanup(func() {
		if !stopped {
			stop()
		}
	})
	return cfg.Listener.Addr().String(), stop
}

func dial(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestAnswerNamesItsReplica(t *testing.T) {
	addr, stop := run(t, greeter.Config{Name: "r7"})
	conn := dial(t, addr)
	message, replica, err := greeter.Call(t.Context(), conn, "Ada")
	for err != nil && t.Context().Err() == nil {
		message, replica, err = greeter.Call(t.Context(), conn, "Ada")
	}
	if message != "Hello, Ada" || replica != "r7" {
		t.Errorf("answer %q from %q, want \"Hello, Ada\" from \"r7\"", message, replica)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
