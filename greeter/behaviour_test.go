package greeter_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	channelz "google.golang.org/grpc/channelz/grpc_channelz_v1"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"devstack/greeter"
	"devstack/greeter/control"
	"devstack/greeter/helloworld"
)

func behave(t *testing.T, ctl control.ControlClient, b *control.Behaviour) {
	t.Helper()
	if _, err := ctl.Behave(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func serving(t *testing.T, conn *grpc.ClientConn) healthpb.HealthCheckResponse_ServingStatus {
	t.Helper()
	resp, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "helloworld.Greeter"})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetStatus()
}

// ready starts a replica and waits until it serves.
func ready(t *testing.T, cfg greeter.Config) (*grpc.ClientConn, control.ControlClient, func() error) {
	t.Helper()
	addr, stop := run(t, cfg)
	conn := dial(t, addr)
	eventually(t, "serving", func() bool { return serving(t, conn) == healthpb.HealthCheckResponse_SERVING })
	return conn, control.NewControlClient(conn), stop
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestErrorsOnDemand(t *testing.T) {
	conn, ctl, _ := ready(t, greeter.Config{})
	for code, want := range map[uint32]codes.Code{0: codes.Unavailable, uint32(codes.Internal): codes.Internal} {
		behave(t, ctl, &control.Behaviour{ErrorRatio: 1, ErrorCode: code})
		if _, _, err := greeter.Call(t.Context(), conn, "x"); status.Code(err) != want {
			t.Errorf("error_code %d: %v, want %s", code, err, want)
		}
	}
	behave(t, ctl, &control.Behaviour{ErrorRatio: 0.5})
	failed := 0
	for range 400 {
		if _, _, err := greeter.Call(t.Context(), conn, "x"); err != nil {
			failed++
		}
	}
	if failed < 100 || failed > 300 { // ten standard deviations
		t.Errorf("%d of 400 failed, want about half", failed)
	}
	behave(t, ctl, &control.Behaviour{})
	if _, _, err := greeter.Call(t.Context(), conn, "x"); err != nil {
		t.Errorf("healed: %v", err)
	}
}

func TestLatencyOnDemand(t *testing.T) {
	conn, ctl, _ := ready(t, greeter.Config{})
	behave(t, ctl, &control.Behaviour{LatencyMs: 60_000, LatencyJitterMs: 1000})
	if _, _, err := greeter.Call(within(t, 50*time.Millisecond), conn, "x"); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("slow replica: %v", err)
	}
	behave(t, ctl, &control.Behaviour{LatencyMs: 30})
	begun := time.Now()
	if _, _, err := greeter.Call(t.Context(), conn, "x"); err != nil || time.Since(begun) < 30*time.Millisecond {
		t.Errorf("answered after %v (%v), want 30 ms or more", time.Since(begun), err)
	}
}

func TestDeadlockLooksHealthy(t *testing.T) {
	conn, ctl, stop := ready(t, greeter.Config{Drain: 30 * time.Second})
	behave(t, ctl, &control.Behaviour{Deadlock: true})
	if _, _, err := greeter.Call(within(t, 50*time.Millisecond), conn, "x"); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("deadlocked replica: %v", err)
	}
	if got := serving(t, conn); got != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health says %s", got)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestHealthOnDemand(t *testing.T) {
	conn, ctl, _ := ready(t, greeter.Config{})
	for told, want := range map[control.Health]healthpb.HealthCheckResponse_ServingStatus{
		control.Health_NOT_SERVING: healthpb.HealthCheckResponse_NOT_SERVING,
		control.Health_WARNING:     healthpb.HealthCheckResponse_SERVING,
		control.Health_SERVING:     healthpb.HealthCheckResponse_SERVING,
	} {
		behave(t, ctl, &control.Behaviour{Health: told})
		if got := serving(t, conn); got != want {
			t.Errorf("told %s, says %s", told, got)
		}
		if _, _, err := greeter.Call(t.Context(), conn, "x"); err != nil {
			t.Errorf("told %s: greeting fails: %v", told, err)
		}
	}
}

func TestHTTPHealthPage(t *testing.T) {
	f, consul := newFakeConsul(t)
	_, ctl, stop := ready(t, greeter.Config{Consul: consul, Check: greeter.CheckConfig{Kind: greeter.CheckHTTP}})
	eventually(t, "registered", func() bool { return f.knows("r1") })
	var url string
	f.get(func() { url = f.entries["r1"].Check.HTTP })
	get := func() int {
		t.Helper()
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	defer http.DefaultClient.CloseIdleConnections()
	for told, want := range map[control.Health]int{control.Health_SERVING: 200, control.Health_WARNING: 429, control.Health_NOT_SERVING: 503} {
		behave(t, ctl, &control.Behaviour{Health: told})
		if got := get(); got != want {
			t.Errorf("told %s, page says %d", told, got)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("page outlives the replica")
	}
}

func TestImpossibleBehaviourChangesNothing(t *testing.T) {
	_, ctl, _ := ready(t, greeter.Config{})
	want := &control.Behaviour{LatencyMs: 1}
	behave(t, ctl, want)
	for name, b := range map[string]*control.Behaviour{
		"ratio": {ErrorRatio: 1.1}, "negative": {ErrorRatio: -0.1}, "nan": {ErrorRatio: math.NaN()},
		"code": {ErrorCode: 17}, "health": {Health: 99},
	} {
		if _, err := ctl.Behave(t.Context(), b); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := ctl.Current(t.Context(), &control.CurrentReq{})
	if err != nil || got.GetLatencyMs() != 1 || got.GetErrorRatio() != 0 {
		t.Errorf("behaviour is now %v, %v", got, err)
	}
}

func TestWarmUp(t *testing.T) {
	for first, registered := range map[bool]bool{true: true, false: false} {
		f, consul := newFakeConsul(t)
		var told story
		addr, stop := run(t, greeter.Config{Consul: consul, WarmUp: time.Hour, RegisterFirst: first, OnEvent: told.add})
		conn := dial(t, addr)
		if got := serving(t, conn); got != healthpb.HealthCheckResponse_NOT_SERVING {
			t.Errorf("health says %s while warming up", got)
		}
		if _, _, err := greeter.Call(t.Context(), conn, "x"); status.Code(err) != codes.Unavailable {
			t.Errorf("greeting while warming up: %v", err)
		}
		if registered {
			eventually(t, "registered before it serves", func() bool { return f.knows("r1") })
		} else if f.knows("r1") {
			t.Error("registered before it serves")
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if told.has(greeter.EventServing)() {
			t.Error("said that it served")
		}
	}
	_, _, _ = ready(t, greeter.Config{WarmUp: time.Millisecond})
}

func slowCall(t *testing.T, conn *grpc.ClientConn, ms uint32) grpc.ServerStreamingClient[helloworld.HelloResp] {
	t.Helper()
	stream, err := helloworld.NewGreeterClient(conn).SayHelloSlowly(t.Context(), &helloworld.SlowHelloReq{Name: "x", DurationMs: ms, EveryMs: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	return stream
}

func rest(stream grpc.ServerStreamingClient[helloworld.HelloResp]) (answers int, err error) {
	for {
		if _, err := stream.Recv(); err != nil {
			return answers, err
		}
		answers++
	}
}

func TestStreamOutlivesAGracefulStop(t *testing.T) {
	conn, _, stop := ready(t, greeter.Config{})
	stream := slowCall(t, conn, 100)
	done := make(chan error, 1)
	go func() { done <- stop() }()
	if n, err := rest(stream); err != io.EOF || n != 10 {
		t.Errorf("%d more answers and %v, want all 10", n, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestStreamIsCutOff(t *testing.T) {
	for name, cfg := range map[string]greeter.Config{
		"hard":        {StopOrder: greeter.Hard},
		"drain limit": {Drain: 20 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			conn, _, stop := ready(t, cfg)
			stream := slowCall(t, conn, 3_600_000)
			err := stop()
			if limited := cfg.StopOrder != greeter.Hard; (err != nil) != limited || limited && !strings.Contains(err.Error(), greeter.ErrCutOff.Error()) {
				t.Errorf("stop: %v", err)
			}
			if _, err := rest(stream); status.Code(err) != codes.Unavailable {
				t.Errorf("stream ended with %v", err)
			}
		})
	}
}

// TestToolsFindTheirWay: grpcurl needs reflection, grpc_health_probe health, grpcdebug channelz.
func TestToolsFindTheirWay(t *testing.T) {
	conn, _, _ := ready(t, greeter.Config{})
	stream, err := reflection.NewServerReflectionClient(conn).ServerReflectionInfo(within(t, 10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	stream.Send(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}})
	resp, err := stream.Recv()
	stream.CloseSend()
	if err != nil || !strings.Contains(resp.String(), "helloworld.Greeter") || !strings.Contains(resp.String(), "devstack.control.Control") {
		t.Errorf("reflection: %v, %v", resp, err)
	}
	servers, err := channelz.NewChannelzClient(conn).GetServers(t.Context(), &channelz.GetServersRequest{})
	if err != nil || len(servers.GetServer()) == 0 {
		t.Errorf("channelz: %v, %v", servers, err)
	}
}

func TestRunWorksOnce(t *testing.T) {
	s, err := greeter.New(greeter.Config{Name: "r1", Listener: listen(t)})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ended); err != nil {
		t.Errorf("run and stop at once: %v", err)
	}
	if err := s.Run(ended); err == nil {
		t.Error("ran twice")
	}
}
