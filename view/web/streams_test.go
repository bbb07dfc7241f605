//go:build unix

package web

import (
	"context"
	"io"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMeasureStreams measures what pages cost the process that serves them at 200 calls a
// second: its processor time over ten seconds without any, and with a hundred streams, whose
// readers are in the same process and so counted too.
func TestMeasureStreams(t *testing.T) {
	if !*measure {
		t.Skip("only with -measure")
	}
	s, f := serve(t)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer func() { stop(); all.Wait() }()
	all.Go(func() { f.traffic(ctx, 50) })
	without := tenSeconds(t)
	const n = 100
	for range n {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"api/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() { defer resp.Body.Close(); io.Copy(io.Discard, resp.Body) })
	}
	with := tenSeconds(t)
	t.Logf("%.2f %% of a core without a page, %.1f %% with %d: %.3f %% for each", without, with, n, (with-without)/n)
}

// tenSeconds is the part of one core that this process takes for so long, in percent.
func tenSeconds(t *testing.T) float64 {
	before, begin := used(t), time.Now()
	time.Sleep(10 * time.Second)
	return 100 * (used(t) - before).Seconds() / time.Since(begin).Seconds()
}

func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
