//go:build linux

package main

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"devstack/scenarios"
	"devstack/timeline"
)

// devstackIn starts devstack as a user would, in dir, with a mark of its own.
func devstackIn(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, mark string) {
	t.Helper()
	mark = newMark()
	cmd = exec.Command("devstack", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), markEnv+"="+mark, "TMPDIR="+filepath.Join(dir, "tmp"))
	if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.Process != nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
		if err := awaitNoneLeft(mark); err != nil {
			t.Error(err)
		}
	})
	return cmd, mark
}

// SIGKILL of devstack at any moment leaves no process and no temporary file.
func TestKillAtAnyMomentLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	for range 50 {
		after := time.Duration(rand.IntN(700)) * time.Millisecond
		cmd, mark := devstackIn(t, dir, "up", "--format", "ndjson")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after) // the moment is the point
		cmd.Process.Kill()
		cmd.Wait()
		if err := awaitNoneLeft(mark); err != nil {
			t.Fatalf("killed after %s: %v", after, err)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
			t.Fatalf("killed after %s: left %s in the temporary folder", after, left[0].Name())
		}
	}
}

const pauseStory = `scenario "sleepers" {
  title = "everybody sleeps"
  step "freeze" {
    inject "%KIND%" {
      %TARGET%
    }
    wait = "60s"
  }
}
`

// A stopped process cannot see that its parent is gone; it must go all the same.
func TestKillWhilePausedLeavesNothing(t *testing.T) {
	for _, c := range []struct{ kind, target string }{{"pause", "target = all"}, {"consul-pause", ""}} {
		t.Run(c.kind, func(t *testing.T) {
			dir := t.TempDir()
			story := strings.NewReplacer("%KIND%", c.kind, "%TARGET%", c.target).Replace(pauseStory)
			if err := os.WriteFile(filepath.Join(dir, "s.hcl"), []byte(story), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd, mark := devstackIn(t, dir, "scenario", "run", "s.hcl", "--format", "ndjson")
			awaitEvent(t, cmd, `"msg":"`+map[string]string{"pause": "greeter-3 paused", "consul-pause": "consul-1 paused"}[c.kind])
			cmd.Process.Kill()
			cmd.Wait()
			if err := awaitNoneLeft(mark); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// awaitEvent starts cmd and reads its event log until a line holds text.
func awaitEvent(t *testing.T, cmd *exec.Cmd, text string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var last string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if last = lines.Text(); strings.Contains(last, text) {
			return
		}
	}
	t.Fatalf("the log ended without %q; last line: %s", text, last)
}

// One Ctrl-C is a good end of up, and an interruption of everything else.
func TestInterrupt(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		event  string
		status int
	}{
		{"up", []string{"up", "--format", "ndjson"}, "stack.ready", 0},
		{"up while starting", []string{"up", "--format", "ndjson"}, "replica.started", 130},
		{"scenario", []string{"scenario", "kill-node", "--format", "ndjson"}, "fault.injected", 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd, mark := devstackIn(t, t.TempDir(), c.args...)
			awaitEvent(t, cmd, c.event)
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != c.status {
				t.Errorf("exit status %d (%s), want %d", got, cmd.ProcessState, c.status)
			}
			if err := awaitNoneLeft(mark); err != nil {
				t.Error(err)
			}
		})
	}
}

// The second Ctrl-C does not wait for anybody.
func TestSecondInterruptIsAtOnce(t *testing.T) {
	cmd, mark := devstackIn(t, t.TempDir(), "up", "--format", "ndjson")
	awaitEvent(t, cmd, "stack.ready")
	cmd.Process.Signal(syscall.SIGINT)
	cmd.Process.Signal(syscall.SIGINT)
	cmd.Wait()
	if err := awaitNoneLeft(mark); err != nil {
		t.Fatal(err)
	}
}

// Stacks that start at the same moment do not meet: each client only ever hears of its own
// replicas, although all of them would like to have Consul's usual port.
func TestStacksDoNotMeet(t *testing.T) {
	dir := t.TempDir()
	want := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4}
	for range 3 {
		var cmds []*exec.Cmd
		for root, n := range want {
			cmd, _ := devstackIn(t, dir, "up", "--for", "1s", "--format", "ndjson", "--out", root, "--replicas", strconv.Itoa(n))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			cmds = append(cmds, cmd)
		}
		for _, cmd := range cmds {
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %v", cmd.Args, err)
			}
		}
		for root, n := range want {
			checkAlone(t, filepath.Join(dir, root, "latest"), n)
		}
	}
}

// checkAlone reads a record in which nobody but n replicas may occur.
func checkAlone(t *testing.T, dir string, n int) {
	t.Helper()
	r, err := scenarios.ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Events {
		if l, ok := timeline.Payload[timeline.Resolved](e); ok && len(l.Endpoints) > n {
			t.Errorf("%d replicas, and the resolver heard of %v", n, l.Endpoints)
		}
		if c, ok := timeline.Payload[timeline.CatalogChange](e); ok && len(c.Status) > n {
			t.Errorf("%d replicas, and the catalog has %v", n, c.Status)
		}
	}
	for _, c := range r.Calls {
		if !c.OK {
			t.Errorf("%d replicas: a call failed with %s on %q", n, c.Code, c.Replica)
			break
		}
	}
	ended := slices.ContainsFunc(r.Events, func(e timeline.Event) bool { return e.Type == timeline.RunEnded })
	if len(r.Calls) == 0 || !ended {
		t.Errorf("%d replicas: %d calls, ended %v", n, len(r.Calls), ended)
	}
}
