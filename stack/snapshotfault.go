package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/consul/api"

	"devstack/timeline"
)

// ErrNoSnapshot is what a restore meets before the first snapshot.
var ErrNoSnapshot = errors.New("no snapshot was saved before")

// saveSnapshot keeps what the servers know, in memory: it may hold tokens. It breaks nothing,
// so there is nothing to undo.
func saveSnapshot(ctx context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	a := o.agents[0]
	body, meta, err := a.client.Snapshot().Save((&api.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("save a snapshot of %s: %w", a.Name, err)
	}
	defer body.Close()
	saved, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("save a snapshot of %s: %w", a.Name, err)
	}
	s.faults.mu.Lock()
	s.faults.snapshot = saved
	s.faults.mu.Unlock()
	s.noteConsul(a, timeline.LogLine, timeline.Info, fmt.Sprintf("%s saved a snapshot at index %d, %d bytes", a.Name, meta.LastIndex, len(saved)))
	return healsNothing, nil
}

// restoreSnapshot makes the servers believe what they did when the last snapshot was saved.
// There is no way back: what has happened since comes in again as agents tell it.
func restoreSnapshot(ctx context.Context, s *Stack, o Order) (func(context.Context) error, error) {
	a := o.agents[0]
	if err := a.client.Snapshot().Restore((&api.WriteOptions{}).WithContext(ctx), bytes.NewReader(s.faults.saved())); err != nil {
		return nil, fmt.Errorf("restore the snapshot with %s: %w", a.Name, err)
	}
	return healsNothing, nil
}

// haveSnapshot says that there is nothing to restore.
func haveSnapshot(s *Stack, _ Order) error {
	if s.faults.saved() == nil {
		return ErrNoSnapshot
	}
	return nil
}

func (f *faults) saved() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snapshot
}

func healsNothing(context.Context) error { return nil }
