//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devstack/stack"
	"devstack/timeline"
)

// A client that asks for a follower has one, and the other servers after it. Cut off, that
// server stands for election in vain, and follows again when it is back; the others, and the
// calls, do not notice.
func TestAServerIsCutOff(t *testing.T) {
	self, err := exec.LookPath("devstack")
	if err != nil {
		t.Fatal(err)
	}
	dir, log := t.TempDir(), timeline.NewLog(time.Now())
	st, err := stack.Start(t.Context(), stack.Config{
		Self: self, Dir: dir, Timeline: log, Rate: 100, Links: true,
		Consul: stack.ConsulConfig{Servers: 3, Clients: 1, Home: stack.HomeFollower},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	home := st.Agent().Name
	if n := strings.Count(st.Target(), ","); n != 2 || home != "consul-1" {
		t.Errorf("the target is %s, the home agent %s; want three servers and consul-1", st.Target(), home)
	}
	awaitRaft(t, log, 0, home, "Follower")
	partition := func(args map[string]string) (timeline.Fault, error) {
		return st.Inject(t.Context(), stack.Order{Kind: "consul-partition", Targets: []string{"home"}, Args: args})
	}
	for want, args := range map[string]map[string]string{
		"no call passes":      {"path": "wan"},
		`unknown "gossip"`:    {"path": "gossip"},
		`unknown "blackhole"`: {"mode": "blackhole"},
	} {
		if _, err := partition(args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	for _, mode := range []string{"reset", "hang"} {
		from := log.Events()[len(log.Events())-1].Seq
		f, err := partition(map[string]string{"mode": mode})
		if err != nil {
			t.Fatal(err)
		}
		awaitRaft(t, log, from, home, "Candidate")
		from = log.Events()[len(log.Events())-1].Seq
		for range 2 {
			if err := st.Heal(t.Context(), f.ID); err != nil {
				t.Fatal(err)
			}
		}
		awaitRaft(t, log, from, home, "Follower")
	}
	record, err := os.ReadFile(filepath.Join(dir, timeline.FaultsFile))
	if n := strings.Count(string(record), `"state":"healed"`); err != nil || n != 2 {
		t.Errorf("the undo record has %d heals, want 2 (%v)", n, err)
	}
	st.Close()
	if totals := st.Totals(); totals.Failed > 0 || totals.OK == 0 {
		t.Errorf("of %d calls %d failed", totals.RPCs, totals.Failed)
	}
}

func awaitRaft(t *testing.T, log *timeline.Log, seq uint64, agent, state string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	e, err := log.Await(ctx, seq, func(e timeline.Event) bool {
		d, ok := timeline.Payload[timeline.AgentReport](e)
		return ok && e.Src == timeline.Agent(agent) && d.Raft == state
	})
	if err != nil {
		t.Fatalf("wait until %s is %s: %v", agent, state, err)
	}
	t.Logf("%.2f s: %s is %s", e.T, agent, state)
}

// Without links, and with one agent, a partition says what is missing.
func TestWhatAPartitionNeeds(t *testing.T) {
	self, err := exec.LookPath("devstack")
	if err != nil {
		t.Fatal(err)
	}
	st, err := stack.Start(t.Context(), stack.Config{Self: self, Dir: t.TempDir(), Timeline: timeline.NewLog(time.Now()), Consul: stack.ConsulConfig{Clients: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	if _, err := st.Inject(t.Context(), stack.Order{Kind: "consul-partition"}); !errors.Is(err, stack.ErrNoLinks) {
		t.Errorf("without links: %v", err)
	}
}
