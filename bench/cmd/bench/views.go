package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/creack/pty"

	"devstack/bench/figures"
)

const (
	viewRate    = "200" // RPC/s
	viewPages   = 20    // that listen at once, so that one can be told from none
	viewColumns = 120
	viewRows    = 40
)

// views is the processor time of the devstack process itself, load and record included, and
// what the terminal and a page that listens add to it.
func (b *bench) views(ctx context.Context) ([]figures.Row, error) {
	var total, added figures.Samples
	for range b.rounds {
		none, page, err := b.pages(ctx)
		if err != nil {
			return nil, err
		}
		terminal, err := b.terminal(ctx)
		if err != nil {
			return nil, err
		}
		total.Add("no view", none)
		total.Add("the terminal's", terminal)
		added.Add("the terminal", terminal-none)
		added.Add("a page", page)
	}
	return append(total.Rows("devstack's own process at "+viewRate+" RPC/s", "% of a core", ""),
		added.Rows("a view adds to it", "% of a core", "")...), nil
}

// pages is what devstack takes without a view, and what one page adds.
func (b *bench) pages(ctx context.Context) (none, page float64, err error) {
	s, err := b.up(ctx, "--rate", viewRate)
	if err != nil {
		return 0, 0, err
	}
	defer s.stop()
	if none, err = share(ctx, s.cmd.Process.Pid); err != nil {
		return 0, 0, err
	}
	leave, err := listen(ctx, s.dashboard, viewPages)
	if err != nil {
		return 0, 0, err
	}
	defer leave()
	all, err := share(ctx, s.cmd.Process.Pid)
	return none, (all - none) / viewPages, err
}

// listen opens n streams, as pages do, and throws away what they bring until leave is called.
func listen(ctx context.Context, dashboard string, n int) (leave func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	leave = func() { cancel(); reading.Wait() }
	for range n {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, dashboard+"api/events", nil)
		if err != nil {
			leave()
			return nil, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			leave()
			return nil, fmt.Errorf("listen like a page: %w", err)
		}
		reading.Go(func() { defer resp.Body.Close(); io.Copy(io.Discard, resp.Body) })
	}
	return leave, nil
}

// terminal is what devstack takes with its picture on a terminal.
func (b *bench) terminal(ctx context.Context) (percent float64, err error) {
	cmd := b.command(ctx, b.devstack, "up", "--rate", viewRate, "--dashboard", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: viewRows, Cols: viewColumns})
	if err != nil {
		return 0, fmt.Errorf("start devstack up on a terminal: %w", err)
	}
	defer screen.Close()
	var drawn sync.WaitGroup
	drawn.Go(func() { io.Copy(io.Discard, screen) })
	defer drawn.Wait()
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	if out, err := b.command(ctx, b.devstack, "wait", "--for", "ready").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("wait for devstack up on a terminal: %w\n%s", err, out)
	}
	return share(ctx, cmd.Process.Pid)
}

// share is the part of one core that a process itself takes, in percent.
func share(ctx context.Context, pid int) (float64, error) {
	if err := sleep(ctx, settleFor); err != nil {
		return 0, err
	}
	before, err := readProcess(pid)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := sleep(ctx, watchFor); err != nil {
		return 0, err
	}
	after, err := readProcess(pid)
	return 100 * (after.spent - before.spent).Seconds() / time.Since(begin).Seconds(), err
}
