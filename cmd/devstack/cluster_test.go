//go:build linux

package main

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devstack/stack"
	"devstack/timeline"
)

var leaderKills = flag.Int("leader-kills", 3, "how often TestEveryLeaderMayDie kills a leader; about four seconds each")

// startCluster runs three servers and a client agent in this process, until the test ends.
func startCluster(t *testing.T) (*stack.Stack, *timeline.Log) {
	t.Helper()
	self, err := exec.LookPath("devstack")
	if err != nil {
		t.Fatal(err)
	}
	log := timeline.NewLog(time.Now())
	st, err := stack.Start(t.Context(), stack.Config{
		Self: self, Dir: t.TempDir(), Timeline: log, Rate: 100, Consul: stack.ConsulConfig{Servers: 3, Clients: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	return st, log
}

// await fails the test when no event of type typ comes after seq.
func await(t *testing.T, log *timeline.Log, seq uint64, typ timeline.Type) timeline.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	e, err := log.Await(ctx, seq, func(e timeline.Event) bool { return e.Type == typ })
	if err != nil {
		t.Fatalf("wait for %s: %v", typ, err)
	}
	return e
}

// A leader that dies is replaced, one that comes back follows, however often; and no call
// ever hears of it.
func TestEveryLeaderMayDie(t *testing.T) {
	st, log := startCluster(t)
	began := time.Now()
	for n := range *leaderKills {
		f, err := st.Inject(t.Context(), stack.Order{Kind: "consul-kill", Targets: []string{"leader"}})
		if err != nil {
			t.Fatalf("kill %d: %v", n+1, err)
		}
		at, _ := log.Await(t.Context(), 0, func(e timeline.Event) bool { d, ok := timeline.Payload[timeline.Fault](e); return ok && d.ID == f.ID })
		e := await(t, log, at.Seq, timeline.ConsulLeaderElected)
		t.Logf("kill %d: %v, %.2f s: %s", n+1, f.Targets, e.T-at.T, e.Msg)
		if l, _ := timeline.Payload[timeline.Leader](e); l.Name == "" || l.Name == f.Targets[0] {
			t.Errorf("kill %d of %v: the new leader is %q", n+1, f.Targets, l.Name)
		}
		if err := st.Heal(t.Context(), f.ID); err != nil {
			t.Fatalf("heal %d: %v", n+1, err)
		}
	}
	t.Logf("%d kills in %.1f s", *leaderKills, time.Since(began).Seconds())
	st.Close()
	if totals := st.Totals(); totals.Failed > 0 || totals.OK == 0 {
		t.Errorf("of %d calls %d failed: %v", totals.RPCs, totals.Failed, totals.ByCode)
	}
}

// say runs devstack against the stack that runs in dir.
func say(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("devstack", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("devstack %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func awaitStatus(t *testing.T, dir, text string) {
	t.Helper()
	var last string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if last = say(t, dir, "status"); strings.Contains(last, text) {
			return
		}
	}
	t.Fatalf("devstack status never said %q; last:\n%s", text, last)
}

// A cluster that has lost its quorum says so, and recovers.
func TestQuorumLostIsSaidAndHealed(t *testing.T) {
	dir := t.TempDir()
	cmd, _ := devstackIn(t, dir, "up", "--servers", "3", "--clients", "1", "--format", "ndjson")
	awaitEvent(t, cmd, "stack.ready")
	awaitStatus(t, dir, "answers, leader consul-")
	say(t, dir, "inject", "consul-kill", "server-majority", "--for", "forever")
	awaitStatus(t, dir, "answers, no leader")
	if said := say(t, dir, "status"); !strings.Contains(said, " 0 failed so far") {
		t.Errorf("calls failed without a quorum:\n%s", said)
	}
	say(t, dir, "heal", "--all")
	awaitStatus(t, dir, "answers, leader consul-")
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	events, err := os.ReadFile(filepath.Join(dir, ".devstack", "runs", "latest", "events.ndjson"))
	if err != nil || !bytes.Contains(events, []byte("Consul has no leader")) {
		t.Errorf("the record does not tell of the lost leader (%v)", err)
	}
}

// SIGKILL of devstack ends four agents and thirty replicas, and what the agents had on disk
// is in the run folder and nowhere else.
func TestKilledClusterLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	cmd, mark := devstackIn(t, dir, "up", "--servers", "3", "--clients", "1", "--replicas", "30", "--format", "ndjson")
	awaitEvent(t, cmd, "stack.ready")
	if n := len(marked(mark)); n < 1+4+30 {
		t.Fatalf("only %d processes carry the mark", n)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if err := awaitNoneLeft(mark); err != nil {
		t.Fatal(err)
	}
	runs := filepath.Join(dir, ".devstack", "runs") + string(filepath.Separator)
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasPrefix(path, runs) {
			t.Errorf("left outside the run folder: %s", strings.TrimPrefix(path, dir))
		}
		return nil
	})
}
