package control

import (
	"context"
	"time"

	"devstack/timeline"
)

// Lab is the running stack as control needs it. Its methods may be called concurrently.
// Errors that are not the stack's own fault are an [Error].
type Lab interface {
	// Status is the present picture.
	Status() Status
	// Events is the run's log; it is closed when nothing more will come.
	Events() *timeline.Log
	// LogPath is the file that the child called name writes to.
	LogPath(name string) (string, error)

	Inject(ctx context.Context, f Fault) (timeline.Fault, error)
	Heal(ctx context.Context, id int) error
	HealAll(ctx context.Context) error
	Scale(ctx context.Context, n int) (added, removed []string, err error)
	SetRate(rate float64) error
	CallOnce(ctx context.Context) error
	// Stop asks for the end of the run and does not wait for it; now is for the impatient.
	Stop(now bool)
}

// Fault is an order for one.
type Fault struct {
	Kind    string
	Targets []string
	Args    map[string]string
	Owner   string        // who ordered it, such as "by hand (terminal)"
	For     time.Duration // heals by itself after this, 0 for never
}
