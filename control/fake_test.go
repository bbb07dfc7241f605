package control

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"devstack/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a lab in which faults are words.
type fake struct {
	log *timeline.Log

	mu      sync.Mutex
	open    []OpenFault
	last    Fault
	rate    float64
	calls   int
	stopped bool
}

func newFake() *fake { return &fake{log: timeline.NewLog(time.Now())} }

var errSocket = errors.New("the replica bit")

func (l *fake) Events() *timeline.Log { return l.log }

func (l *fake) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Status{Run: "r", State: Running, Faults: slices.Clone(l.open)}
}

func (l *fake) LogPath(name string) (string, error) {
	if name != "greeter-1" {
		return "", Refuse(NotFound, "did you mean greeter-1?", "nobody called %q writes a log", name)
	}
	return filepath.Join("logs", name), nil
}

func (l *fake) Inject(_ context.Context, f Fault) (timeline.Fault, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.Kind == "bite" {
		return timeline.Fault{}, errSocket
	}
	l.last = f
	d := timeline.Fault{ID: len(l.open) + 1, Kind: f.Kind, Targets: f.Targets, Step: f.Owner, TTL: f.For.Seconds()}
	l.open = append(l.open, OpenFault{Fault: d})
	return d, nil
}

func (l *fake) Heal(_ context.Context, id int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = slices.DeleteFunc(l.open, func(f OpenFault) bool { return f.ID == id })
	return nil
}

func (l *fake) HealAll(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = nil
	return nil
}

func (l *fake) Scale(_ context.Context, n int) (added, removed []string, err error) {
	if n > 3 {
		return []string{"greeter-4"}, nil, nil
	}
	return nil, nil, nil
}

func (l *fake) SetRate(rate float64) error { l.rate = rate; return nil }

func (l *fake) CallOnce(context.Context) error { l.calls++; return nil }

func (l *fake) Stop(bool) { l.stopped = true }
