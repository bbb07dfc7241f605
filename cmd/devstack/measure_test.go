//go:build linux

package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
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

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// TestMeasureViews measures what a browser costs the devstack process at 200 calls a second:
// without one, with one, and so on, so that a machine that gets busier is seen. It asserts
// nothing.
func TestMeasureViews(t *testing.T) {
	if !*measuring {
		t.Skip("only with -measure")
	}
	p := browser.Open(t, 1280, 720)
	cmd, _, url := upForBrowser(t, "--rate", "200", "--http-port", freePort(t)) // 8500 may have visitors
	time.Sleep(5 * time.Second)
	var with, without float64
	const rounds = 2
	for range rounds {
		p.Go("about:blank")
		without += share(t, cmd.Process.Pid, 20*time.Second) / rounds
		p.Go(url)
		p.Wait(cell("2", ".number") + ` === '33 %'`)
		with += share(t, cmd.Process.Pid, 20*time.Second) / rounds
		t.Logf("so far, in sums: %.2f %% of a core without a browser, %.2f %% with one", without, with)
	}
	t.Logf("devstack at 200 RPC/s: %.1f %% of a core without a browser, %.1f %% with one: a difference of %.1f %%", without, with, with-without)
}
