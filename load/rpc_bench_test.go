package load_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"devstack/load"
)

func check(conn *grpc.ClientConn) load.Call {
	client := healthpb.NewHealthClient(conn)
	req := &healthpb.HealthCheckRequest{}
	return func(ctx context.Context) (string, error) {
		if _, err := client.Check(ctx, req); err != nil {
			return "", err
		}
		return "s", nil
	}
}

// BenchmarkRPC compares real calls in a bare loop with the same made by an Attack that measures them.
func BenchmarkRPC(b *testing.B) {
	s := serve(b)
	plain, err := grpc.NewClient(s.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	watched, _ := channel(b, config(b, "round_robin"), nobody{}, state(s.addr))
	b.Run("bare loop", func(b *testing.B) {
		call := check(plain)
		for b.Loop() {
			ctx, cancel := context.WithTimeout(b.Context(), time.Second)
			if _, err := call(ctx); err != nil {
				b.Fatal(err)
			}
			cancel()
		}
	})
	b.Run("attack", func(b *testing.B) {
		var m load.Metrics
		a, err := load.New(load.Config{Call: check(watched), Workers: 1, Count: uint64(b.N), Sink: m.Add})
		if err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		a.Run(b.Context())
		if n := m.Snapshot().OK; n != uint64(b.N) {
			b.Fatalf("%d of %d calls went well", n, b.N)
		}
	})
}

// BenchmarkPacing reports how near an open loop of real calls comes to its rate.
func BenchmarkPacing(b *testing.B) {
	s := serve(b)
	conn, _ := channel(b, config(b, "round_robin"), nobody{}, state(s.addr))
	for _, rate := range []float64{1000, 5000, 10_000} {
		b.Run(time.Duration(float64(time.Second)/rate).String(), func(b *testing.B) {
			var m load.Metrics
			for b.Loop() {
				m.Reset()
				a, err := load.New(load.Config{Call: check(conn), Pacer: load.Constant(rate), Duration: 2 * time.Second, Sink: m.Add})
				if err != nil {
					b.Fatal(err)
				}
				a.Run(b.Context())
				sn, st := m.Snapshot(), a.Stats()
				b.ReportMetric(sn.Rate, "calls/s")
				b.ReportMetric(float64(st.Delay.P50.Microseconds()), "p50-late-µs")
				b.ReportMetric(float64(st.Delay.P99.Microseconds()), "p99-late-µs")
				b.ReportMetric(float64(sn.FromDue.P50.Microseconds()), "p50-due-µs")
				b.ReportMetric(float64(sn.Service.P50.Microseconds()), "p50-service-µs")
			}
		})
	}
}

type nobody struct{}

func (nobody) SubchannelChanged(load.SubchannelChange) {}
func (nobody) PickerUpdated(load.PickerUpdate)         {}
