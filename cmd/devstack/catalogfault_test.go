//go:build linux

package main

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/stack"
	"devstack/timeline"
)

// awaitCatalog waits until the catalog has these replicas, all passing, and no other.
func awaitCatalog(t *testing.T, st *stack.Stack, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		entries, _, err := st.Agent().Client().Health().Service("greeter", "", true, (&api.QueryOptions{}).WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, e := range entries {
			if len(e.Checks) > 1 { // its own besides the node's
				got = append(got, e.Service.ID)
			}
		}
		if slices.Sort(got); slices.Equal(got, want) {
			return
		}
	}
	t.Fatalf("the catalog has %v, want %v", got, want)
}

// What is deleted from the catalog alone comes back with its checks; what a snapshot has
// kept comes back although its replica is gone.
func TestTheCatalogIsACopy(t *testing.T) {
	self, err := exec.LookPath("devstack")
	if err != nil {
		t.Fatal(err)
	}
	st, err := stack.Start(t.Context(), stack.Config{Self: self, Dir: t.TempDir(), Timeline: timeline.NewLog(time.Now())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	inject := func(kind string, targets ...string) int {
		t.Helper()
		f, err := st.Inject(t.Context(), stack.Order{Kind: kind, Targets: targets})
		if err != nil {
			t.Fatal(err)
		}
		return f.ID
	}
	heal := func(id int) {
		t.Helper()
		if err := st.Heal(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}

	if _, err := st.Inject(t.Context(), stack.Order{Kind: "consul-restore"}); !errors.Is(err, stack.ErrNoSnapshot) {
		t.Errorf("restored nothing: %v", err)
	}
	awaitCatalog(t, st, "greeter-1", "greeter-2", "greeter-3")
	time.Sleep(st.SyncStaggerLeft()) // a young agent compares by itself, and would do the undo's work
	deleted := inject("catalog-deregister", "greeter-2")
	awaitCatalog(t, st, "greeter-1", "greeter-3")
	if _, err := st.Inject(t.Context(), stack.Order{Kind: "catalog-deregister", Targets: []string{"greeter-2"}}); err == nil || !strings.Contains(err.Error(), "greeter-2 is not in the catalog") {
		t.Errorf("deleted twice: %v", err)
	}
	heal(deleted)
	awaitCatalog(t, st, "greeter-1", "greeter-2", "greeter-3")

	// The undo brings nobody back who has left meanwhile.
	deleted = inject("catalog-deregister", "greeter-2")
	gone := inject("drain", "greeter-2")
	awaitCatalog(t, st, "greeter-1", "greeter-3")
	await(t, st.Config().Timeline, 0, timeline.ReplicaExited)
	heal(deleted)
	awaitCatalog(t, st, "greeter-1", "greeter-3")
	heal(gone)
	awaitCatalog(t, st, "greeter-1", "greeter-2", "greeter-3")

	inject("consul-snapshot")
	left := inject("drain", "greeter-3")
	awaitCatalog(t, st, "greeter-1", "greeter-2")
	inject("consul-restore")
	awaitCatalog(t, st, "greeter-1", "greeter-2", "greeter-3")
	heal(left)
	awaitCatalog(t, st, "greeter-1", "greeter-2", "greeter-3")
}
