package load

import (
	"maps"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
)

func TestMetricsAddUp(t *testing.T) {
	var m Metrics
	if s := m.Snapshot(); s.Count != 0 || s.Rate != 0 || s.FromDue.Max != 0 {
		t.Errorf("nothing adds up to %+v", s)
	}
	for i := range 1000 {
		at := time.Duration(i) * 10 * time.Millisecond
		r := Result{Due: at, Sent: at + time.Millisecond, Done: at + time.Millisecond + time.Duration(i)*time.Microsecond, Backend: "a", Attempts: 1}
		if i%10 == 0 {
			r.Code, r.Backend, r.Attempts = codes.Unavailable, "", 2
		} else if i%2 == 0 {
			r.Backend = "b"
		}
		m.Add(r)
	}
	s := m.Snapshot()
	if s.Count != 1000 || s.OK != 900 || s.Attempts != 1100 || s.Rate != 100 {
		t.Errorf("%d calls, %d ok, %d attempts, %v/s", s.Count, s.OK, s.Attempts, s.Rate)
	}
	if !maps.Equal(s.Errors, map[codes.Code]uint64{codes.Unavailable: 100}) || !maps.Equal(s.Share, map[string]uint64{"a": 500, "b": 400}) {
		t.Errorf("errors %v, share %v", s.Errors, s.Share)
	}
	near := func(got, want time.Duration) bool { return got >= want && got <= want+want/500 }
	if l := s.Service; l.Min != 0 || !near(l.P50, 499*time.Microsecond) || !near(l.P99, 989*time.Microsecond) || !near(l.P9999, 999*time.Microsecond) || !near(l.Max, 999*time.Microsecond) {
		t.Errorf("service %+v", l)
	}
	if l := s.FromDue; !near(l.P50, 1499*time.Microsecond) || !near(l.Max, 1999*time.Microsecond) {
		t.Errorf("from due %+v", l)
	}
	if due, served := m.Histograms(); due.TotalCount() != 1000 || served.TotalCount() != 1000 {
		t.Error("histograms lost results")
	}
	m.Reset()
	if s := m.Snapshot(); s.Count != 0 || len(s.Share) != 0 || s.End != 0 {
		t.Errorf("after reset %+v", s)
	}
	if s.Share["a"] != 500 {
		t.Error("a snapshot changed afterwards")
	}
}

func TestMetricsTakeAnything(t *testing.T) {
	var m Metrics
	m.Add(Result{Due: time.Hour, Sent: -time.Hour, Done: time.Second})
	m.Add(Result{Done: 1000 * time.Hour})
	if s := m.Snapshot(); s.Count != 2 || s.FromDue.Max < longest {
		t.Errorf("%+v", s)
	}
}

func TestMetricsFromManyGoroutines(t *testing.T) {
	var m Metrics
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				m.Add(Result{Due: time.Duration(i), Sent: time.Duration(i), Done: time.Duration(i + 1)})
				m.Snapshot()
			}
		})
	}
	wg.Wait()
	if s := m.Snapshot(); s.Count != 2000 {
		t.Errorf("%d of 2000", s.Count)
	}
}
