package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"devstack/timeline"
)

// healPatience bounds a heal that nobody waits for.
const healPatience = 15 * time.Second

// A heal that does not work is tried again: mostly something else is broken, and heals first.
const (
	healAgain    = time.Second
	healAttempts = 120
)

// limit heals a after d.
func (s *Stack) limit(a *active, d time.Duration) {
	if d <= 0 {
		return
	}
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done || f.active[a.d.ID] == nil {
		return
	}
	f.stopTimer(a)
	f.timers.Add(1)
	a.timer = time.AfterFunc(d, func() {
		defer f.timers.Done()
		ctx, cancel := context.WithTimeout(context.Background(), healPatience)
		defer cancel()
		if err := s.Heal(ctx, a.d.ID); err != nil {
			s.cfg.Log.Error("heal after the time limit", "fault", a.d.ID, "err", err)
		}
	})
}

// Heal undoes fault id. Healing one that is healed already is no error. A heal that does not
// work is tried again in the background, until it does or has failed too often.
func (s *Stack) Heal(ctx context.Context, id int) error {
	f := &s.faults
	f.mu.Lock()
	a := f.active[id]
	f.mu.Unlock()
	if a == nil {
		return nil
	}
	a.heal.Lock()
	defer a.heal.Unlock()
	if a.undo == nil {
		return nil
	}
	if err := a.undo(ctx); err != nil {
		s.unhealed(a, err)
		return fmt.Errorf("heal %s: %w", faultName(a.d), err)
	}
	a.undo = nil
	f.forget(a)
	a.d.Error = ""
	s.tellFault(timeline.FaultHealed, timeline.Good, healedWord(a.d)+faultName(a.d), a)
	return f.record("healed", a.d)
}

func healedWord(d timeline.Fault) string {
	if d.Once {
		return "done: "
	}
	return "healed: "
}

// unhealed has a heal that did not work tried again, and tells of it the first time; a.heal is
// held.
func (s *Stack) unhealed(a *active, err error) {
	if a.tries++; a.tries == 1 {
		s.faults.mu.Lock()
		a.d.Error = err.Error()
		s.faults.mu.Unlock()
		s.tellFault(timeline.FaultHealFailed, timeline.Bad, fmt.Sprintf("%s could not be healed, and is tried again: %v", faultName(a.d), err), a)
	}
	if a.tries < healAttempts {
		s.limit(a, healAgain)
	}
}

// HealAll undoes every open fault, the latest first, and tries them all.
func (s *Stack) HealAll(ctx context.Context) error {
	var errs []error
	for _, d := range slices.Backward(s.Open()) {
		errs = append(errs, s.Heal(ctx, d.ID))
	}
	return errors.Join(errs...)
}
