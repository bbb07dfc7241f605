package greeter_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"devstack/greeter"
)

// With its handler and its queue full a replica refuses greetings; its health check does not stand in that queue.
func TestAFullReplicaRefusesGreetingsAndAnswersChecks(t *testing.T) {
	conn, _, _ := ready(t, greeter.Config{Capacity: greeter.Capacity{Handlers: 1, ServiceTime: time.Hour, Queue: 1}})
	busy, release := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	defer calls.Wait()
	defer release()
	for range 2 {
		calls.Go(func() {
			for busy.Err() == nil { // again when it was refused, because the one below was there first
				_, _, _ = greeter.Call(busy, conn, "x")
			}
		})
	}
	eventually(t, "a refusal", func() bool {
		_, _, err := greeter.Call(within(t, 100*time.Millisecond), conn, "x")
		return status.Code(err) == codes.ResourceExhausted
	})
	if got := serving(t, conn); got != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health says %s", got)
	}
}
