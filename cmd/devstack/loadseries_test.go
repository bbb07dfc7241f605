package main

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/view"
)

// callAt is one that was due at a moment, was sent late and then took a time.
func callAt(due, late, took time.Duration, backend string, code codes.Code) load.Result {
	return load.Result{Due: due, Sent: due + late, Done: due + late + took, Backend: backend, Code: code}
}

func TestASeriesCountsByTheSecond(t *testing.T) {
	const ms = time.Millisecond
	var s series
	for range 99 {
		s.add(callAt(100*ms, 0, 10*ms, "greeter-1", codes.OK))
	}
	s.add(callAt(900*ms, 200*ms, 300*ms, "", codes.Unavailable)) // sent in the second after
	s.add(callAt(2100*ms, 0, 7*ms, "greeter-2", codes.OK))
	for _, due := range []time.Duration{100 * ms, 900 * ms, 2100 * ms, 2900 * ms} {
		s.offer(due)
	}
	bins := s.fold(3400 * ms)
	if len(bins) != 3 || bins[2].To != 3.4 {
		t.Fatalf("%+v, want three bins, the last with what is left over", bins)
	}
	first, second, third := bins[0], bins[1], bins[2]
	if first.Offered != 2 || first.Sent != 99 || first.Calls != 100 || first.OK != 99 || first.Errors["UNAVAILABLE"] != 1 || first.Share["greeter-1"] != 99 {
		t.Errorf("first second: %+v", first)
	}
	if got := first.FromDue; !near(got.P50, 10) || !near(got.P99, 10) || got.Max != 500 {
		t.Errorf("from due: %+v, want 10, 10 and 500", got)
	}
	if got := first.FromSend; got.Max != 300 {
		t.Errorf("from send: %+v, want 300 at the most", got)
	}
	if second.Sent != 1 || second.Calls != 0 || second.FromDue != (view.Spread{}) {
		t.Errorf("second second: %+v", second)
	}
	if third.Offered != 2 || third.Calls != 1 || third.Share["greeter-2"] != 1 || third.FromDue != (view.Spread{P50: 7, P99: 7, Max: 7}) {
		t.Errorf("third second: %+v", third)
	}
}

// near allows what two digits round.
func near(got, want float64) bool { return got >= 0.99*want && got <= 1.01*want }

func TestALongSeriesKeepsEveryCall(t *testing.T) {
	var s series
	const seconds = 1000
	for n := range seconds {
		due := time.Duration(n) * time.Second
		s.offer(due)
		s.add(callAt(due, 0, time.Duration(n+1)*time.Millisecond, "greeter-1", codes.OK))
	}
	bins := s.fold(seconds * time.Second)
	var calls, sent, offered, share uint64
	for i, b := range bins {
		calls, sent, offered, share = calls+b.Calls, sent+b.Sent, offered+b.Offered, share+b.Share["greeter-1"]
		if b.From != float64(4*i) || b.To != float64(4*i+4) || b.FromDue.Max != b.To {
			t.Errorf("bin %d: %+v, want four seconds, and their slowest call at the most", i, b)
		}
	}
	if len(bins) != seconds/4 || calls != seconds || sent != seconds || offered != seconds || share != seconds {
		t.Errorf("%d bins with %d calls, %d sent, %d offered, %d answers", len(bins), calls, sent, offered, share)
	}
}

func TestAnEmptySeries(t *testing.T) {
	if bins := (&series{}).fold(time.Second); len(bins) != 0 {
		t.Errorf("%+v", bins)
	}
}
