package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"devstack/load"
	"devstack/stack"
	"devstack/timeline"
)

// awaitPicker waits until a client picks so many replicas, in an event after seq.
func awaitPicker(t *testing.T, log *timeline.Log, seq uint64, client string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := log.Await(ctx, seq, func(e timeline.Event) bool {
		p, ok := timeline.Payload[timeline.Picker](e)
		return ok && e.Client() == client && len(p.Ready) == n
	})
	if err != nil {
		t.Fatalf("wait for %s to pick %d: %v", client, n, err)
	}
}

// Each client has a way of its own to each replica: what is done to one changes nothing for
// the other, and the record says whose every call was.
func TestEachClientHasItsOwnWay(t *testing.T) {
	self, err := exec.LookPath("devstack")
	if err != nil {
		t.Fatal(err)
	}
	log, dir := timeline.NewLog(time.Now()), t.TempDir()
	st, err := stack.Start(t.Context(), stack.Config{Self: self, Dir: dir, Timeline: log, Callers: 2, Links: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	if got := st.Clients(); !slices.Equal(got, []string{"client/1", "client/2"}) {
		t.Fatalf("the clients are %v", got)
	}
	for _, o := range []struct{ called, client string }{{"client-2", "client/2"}, {"", "client/1"}} {
		seq := log.Len()
		args := map[string]string{"path": stack.PathClient}
		if o.called != "" {
			args["client"] = o.called
		}
		for _, kind := range []string{"link-refuse", "link-reset"} {
			if _, err := st.Inject(t.Context(), stack.Order{Kind: kind, Targets: []string{"greeter-2"}, Args: args}); err != nil {
				t.Fatal(err)
			}
		}
		awaitPicker(t, log, seq, o.client, 2)
		if err := st.HealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		awaitPicker(t, log, seq, o.client, 3)
		for e := range log.From(seq) {
			if e.Type == timeline.PickerUpdated && e.Client() != o.client {
				t.Errorf("a fault of %s: %s", o.client, e)
			}
		}
	}
	_, err = st.Inject(t.Context(), stack.Order{Kind: "link-reset", Targets: []string{"greeter-2"}, Args: map[string]string{"path": stack.PathClient, "client": "client-3"}})
	if !errors.Is(err, stack.ErrUnknownClient) {
		t.Errorf("a fault of client-3: %v", err)
	}
	st.Close()
	file, err := os.Open(filepath.Join(dir, timeline.RPCsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	made := map[string]int{}
	for r, err := range load.Results(file) {
		if err != nil {
			t.Fatal(err)
		}
		made[r.Client]++
	}
	if totals := st.Totals(); made[""] == 0 || made["client/2"] == 0 || made[""]+made["client/2"] != totals.RPCs {
		t.Errorf("the record has %v calls by client, of %d", made, totals.RPCs)
	}
}
