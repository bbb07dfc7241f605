package stack

import (
	"context"
	"errors"
	"testing"
	"time"

	"devstack/timeline"
)

// A heal that something else stands in the way of is told of once, and comes by itself when
// the way is free.
func TestAHealThatFailedIsTriedAgain(t *testing.T) {
	s := broken(t)
	tries, healed := 0, make(chan struct{})
	id := s.add(func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("the agent is down")
		}
		close(healed)
		return nil
	})
	if err := s.Heal(t.Context(), id); err == nil {
		t.Fatal("the first try worked")
	}
	if open := s.Open(); len(open) != 1 || open[0].Error != "the agent is down" {
		t.Errorf("open: %+v, want the fault and why it is", open)
	}
	select {
	case <-healed:
	case <-time.After(30 * time.Second):
		t.Fatal("never tried again")
	}
	if _, err := s.log.Await(t.Context(), 0, func(e timeline.Event) bool { return e.Type == timeline.FaultHealed }); err != nil {
		t.Fatal(err)
	}
	if n := s.count(timeline.FaultHealFailed); n != 1 {
		t.Errorf("told of the failed heal %d times", n)
	}
}
