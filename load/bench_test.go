package load

import (
	"context"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc/balancer"
)

// BenchmarkClosedLoop is what one call costs beyond the call itself.
func BenchmarkClosedLoop(b *testing.B) {
	a, err := New(Config{Call: nothing, Workers: 1, Count: uint64(b.N)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	a.Run(b.Context())
}

// BenchmarkOpenLoop adds the schedule and the hand-over; the rate is more than it can reach.
func BenchmarkOpenLoop(b *testing.B) {
	a, err := New(Config{Call: nothing, Pacer: Constant(MaxRate), Count: uint64(b.N)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	a.Run(b.Context())
}

func BenchmarkMetricsAdd(b *testing.B) {
	var m Metrics
	r := Result{Seq: 1, Due: 1, Sent: 2, Done: 123456, Backend: "r1", Attempts: 1}
	b.ReportAllocs()
	for b.Loop() {
		m.Add(r)
	}
}

func BenchmarkMetricsSnapshot(b *testing.B) {
	var m Metrics
	for i := range 10_000 {
		m.Add(Result{Done: time.Duration(i) * time.Microsecond, Backend: "r1"})
	}
	for b.Loop() {
		m.Snapshot()
	}
}

func BenchmarkWriterAdd(b *testing.B) {
	w, err := NewWriter(io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	r := Result{Seq: 1, Due: 1e9, Picked: 1e9 + 5000, Sent: 1e9 + 3000, Done: 1e9 + 200_000, Addr: "127.0.0.1:40000", Backend: "r1", Attempts: 1}
	b.ReportAllocs()
	for b.Loop() {
		w.Add(r)
		r.Seq, r.Due, r.Picked, r.Sent, r.Done = r.Seq+1, r.Due+200_000, r.Picked+200_000, r.Sent+200_000, r.Done+200_000
	}
}

type one struct{ balancer.SubConn }

func (o one) Pick(balancer.PickInfo) (balancer.PickResult, error) {
	return balancer.PickResult{SubConn: o.SubConn}, nil
}

// BenchmarkPick compares a policy's own pick with the same behind the wrapper, for a call as deep in contexts
// as grpc makes it.
func BenchmarkPick(b *testing.B) {
	addr := "127.0.0.1:40000"
	sc := &subConn{}
	sc.addr.Store(&addr)
	type key int
	var p Pick
	ctx := CaptureTo(b.Context(), &p)
	for i := range 8 {
		ctx = context.WithValue(ctx, key(i), i)
	}
	for name, c := range map[string]struct {
		picker balancer.Picker
		ctx    context.Context
	}{
		"bare": {one{sc}, ctx}, "observed": {picker{one{sc}}, ctx}, "observed, not captured": {picker{one{sc}}, b.Context()},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			info := balancer.PickInfo{Ctx: c.ctx}
			for b.Loop() {
				if res, err := c.picker.Pick(info); err == nil && res.Done != nil {
					res.Done(balancer.DoneInfo{BytesSent: true})
				}
			}
		})
	}
}

func BenchmarkPacer(b *testing.B) {
	for name, p := range map[string]Pacer{
		"constant": Constant(5000), "ramp": Ramp(1, 5000, time.Minute), "variable": NewVariable(5000), "poisson": Poisson(5000, 1),
	} {
		b.Run(name, func(b *testing.B) {
			n := uint64(0)
			for b.Loop() {
				p.When(n)
				n++
			}
		})
	}
}
