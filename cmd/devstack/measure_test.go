//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"devstack/internal/browser"
)

var measuring = flag.Bool("measure", false, "measure what takes long and needs a quiet machine")

// ticksPerSecond is the unit of /proc/PID/stat, which Linux fixes for programs.
const ticksPerSecond = 100

// spent is the processor time of one process so far.
func spent(t *testing.T, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	total := 0
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	return time.Duration(total) * time.Second / ticksPerSecond
}

// share is the part of one core that a process takes over a while, in percent.
func share(t *testing.T, pid int, over time.Duration) float64 {
	before, begin := spent(t, pid), time.Now()
	time.Sleep(over)
	return 100 * (spent(t, pid) - before).Seconds() / time.Since(begin).Seconds()
}

// pages is what n pages ask for, without the work of a browser, which takes the processor
// from who is measured: streams that are read and thrown away, until leave is called.
func pages(t *testing.T, url string, n int) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	for range n {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"api/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		reading.Go(func() { defer resp.Body.Close(); io.Copy(io.Discard, resp.Body) })
	}
	return func() { cancel(); reading.Wait(); http.DefaultClient.CloseIdleConnections() }
}

// TestMeasureViews measures what a page costs the devstack process at 200 calls a second:
// without any, with twenty that only listen, and with a browser, which on few processors
// changes how often devstack is woken, and so its time, by more than it asks for. It
// asserts nothing.
func TestMeasureViews(t *testing.T) {
	if !*measuring {
		t.Skip("only with -measure")
	}
	p := browser.Open(t, 1280, 720)
	cmd, _, url := upForBrowser(t, "--rate", "200", "--http-port", freePort(t)) // 8500 may have visitors
	time.Sleep(5 * time.Second)
	pid := cmd.Process.Pid
	few := share(t, pid, 20*time.Second)
	leave := pages(t, url, 20)
	many := share(t, pid, 20*time.Second)
	leave()
	t.Logf("devstack at 200 RPC/s: %.1f %% of a core, %.1f %% with 20 more streams open: %.2f %% for each", few, many, (many-few)/20)
	var with, without float64
	const rounds = 2
	for range rounds {
		p.Go("about:blank")
		without += share(t, pid, 20*time.Second) / rounds
		p.Go(url)
		p.Wait(cell("2", ".number") + ` === '33 %'`)
		with += share(t, pid, 20*time.Second) / rounds
		t.Logf("so far, in sums: %.2f %% of a core without a browser, %.2f %% with one", without, with)
	}
	t.Logf("devstack at 200 RPC/s: %.1f %% of a core without a browser, %.1f %% with one: a difference of %.1f %%", without, with, with-without)
}
