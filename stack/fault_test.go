package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"devstack/timeline"
)

// broken is a Stack without processes whose faults are counted undos.
func broken(t *testing.T) *Stack {
	t.Helper()
	s := &Stack{log: timeline.NewLog(time.Now()), cfg: Config{Log: slog.New(slog.DiscardHandler)}}
	s.faults.init(t.TempDir())
	t.Cleanup(s.faults.close)
	return s
}

func (s *Stack) add(undo func(context.Context) error) int {
	f := &s.faults
	f.last++
	f.active[f.last] = &active{d: timeline.Fault{ID: f.last, Kind: "kill", Targets: []string{"greeter-1"}}, undo: undo}
	return f.last
}

func (s *Stack) count(typ timeline.Type) int {
	n := 0
	for _, e := range s.log.Events() {
		if e.Type == typ {
			n++
		}
	}
	return n
}

func TestHealingTwiceUndoesOnce(t *testing.T) {
	s := broken(t)
	var undone atomic.Int32
	id := s.add(func(context.Context) error { undone.Add(1); return nil })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := s.Heal(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if undone.Load() != 1 || s.count(timeline.FaultHealed) != 1 || len(s.Open()) != 0 {
		t.Errorf("undone %d times, told %d times, open %v", undone.Load(), s.count(timeline.FaultHealed), s.Open())
	}
}

// What could not be healed stays open, and can be tried again.
func TestAFailedHealStaysOpen(t *testing.T) {
	s := broken(t)
	cannot := errors.New("cannot")
	id := s.add(func(context.Context) error { return cannot })
	if err := s.Heal(t.Context(), id); !errors.Is(err, cannot) || !strings.Contains(err.Error(), "heal kill greeter-1") {
		t.Errorf("%v", err)
	}
	if len(s.Open()) != 1 || s.count(timeline.FaultHealed) != 0 {
		t.Errorf("open %v", s.Open())
	}
	cannot = nil
	if err := s.Heal(t.Context(), id); err != nil || len(s.Open()) != 0 {
		t.Errorf("%v, open %v", err, s.Open())
	}
}

func TestHealAllGoesBackwardsAndTriesEverything(t *testing.T) {
	s := broken(t)
	var order []int
	for n := range 3 {
		s.add(func(context.Context) error {
			order = append(order, n)
			if n == 1 {
				return errors.New("stuck")
			}
			return nil
		})
	}
	err := s.HealAll(t.Context())
	if err == nil || len(order) != 3 || order[0] != 2 || order[2] != 0 || len(s.Open()) != 1 {
		t.Errorf("order %v, error %v, open %v", order, err, s.Open())
	}
}

func TestATimeLimitHeals(t *testing.T) {
	s := broken(t)
	healed := make(chan struct{})
	id := s.add(func(context.Context) error { close(healed); return nil })
	s.limit(s.faults.active[id], time.Millisecond)
	select {
	case <-healed:
	case <-time.After(10 * time.Second):
		t.Fatal("never healed")
	}
}

// After close no limit fires, and close has waited for those that did (the leak check of
// this package would tell).
func TestCloseStopsTimeLimits(t *testing.T) {
	s := broken(t)
	id := s.add(func(context.Context) error { t.Error("healed after close"); return nil })
	s.limit(s.faults.active[id], time.Hour)
	s.faults.close()
	id = s.add(func(context.Context) error { t.Error("healed after close"); return nil })
	s.limit(s.faults.active[id], time.Nanosecond)
	s.faults.close()
}

func TestTheUndoRecordIsWrittenBothTimes(t *testing.T) {
	s := broken(t)
	id := s.add(func(context.Context) error { return nil })
	if err := s.faults.record("intended", s.faults.active[id].d); err != nil {
		t.Fatal(err)
	}
	if err := s.Heal(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(s.faults.path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var states []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line struct {
			State string `json:"state"`
			ID    int    `json:"id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.ID != id {
			t.Errorf("%s: %v", lines.Text(), err)
		}
		states = append(states, line.State)
	}
	if strings.Join(states, " ") != "intended healed" {
		t.Errorf("%v", states)
	}
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	s := broken(t)
	for want, o := range map[string]Order{
		"unknown fault":                       {Kind: "kil", Targets: []string{"greeter-1"}},
		"needs a replica":                     {Kind: "kill"},
		`takes none, and not "latency"`:       {Kind: "kill", Targets: []string{"greeter-1"}, Args: map[string]string{"latency": "1s"}},
		`no "latancy" (have jitter, latency)`: {Kind: "slow", Targets: []string{"greeter-1"}, Args: map[string]string{"latancy": "1s"}},
		"no such replica":                     {Kind: "kill", Targets: []string{"greeter-9"}},
	} {
		if _, err := s.Inject(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	if _, err := os.Stat(s.faults.path); !errors.Is(err, os.ErrNotExist) {
		t.Error("an order that was refused is in the undo record")
	}
}
