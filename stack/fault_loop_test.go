package stack

import (
	"context"
	"testing"
	"time"
)

func TestALoopEndsWhenStopped(t *testing.T) {
	s := broken(t)
	ended := false
	stop := s.faults.loop(func(ctx context.Context) { <-ctx.Done(); ended = true })
	stop()
	if !ended {
		t.Error("stop returned before the loop had ended")
	}
	stop() // a heal may come twice
}

// A stack that is closed with a fault open leaves no loop behind.
func TestALoopEndsWithTheStack(t *testing.T) {
	s := broken(t)
	ended := false
	s.faults.loop(func(ctx context.Context) { <-ctx.Done(); ended = true })
	s.faults.close()
	if !ended {
		t.Error("close returned before the loop had ended")
	}
	late := s.faults.loop(func(ctx context.Context) { <-ctx.Done() })
	done := make(chan struct{})
	go func() { defer close(done); late() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("a loop that began after the end goes on")
	}
}
