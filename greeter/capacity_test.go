package greeter

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const second = time.Second

// ended is when each of n greetings that arrive 1 ms apart was answered, and how.
func ended(t *testing.T, g *gate, n int, deadline time.Duration) (at []time.Duration, how []codes.Code) {
	start := time.Now()
	at, how = make([]time.Duration, n), make([]codes.Code, n)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			defer cancel()
			err := g.serve(ctx, func() error { return nil })
			at[i], how[i] = time.Since(start), status.Code(err)
		})
		time.Sleep(time.Millisecond)
	}
	calls.Wait()
	return at, how
}

func TestGreetingsWaitForAHandlerInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at, how := ended(t, newGate(Capacity{Handlers: 2, ServiceTime: second}), 6, time.Minute)
		ms := time.Millisecond
		if want := []time.Duration{second, second + ms, 2 * second, 2*second + ms, 3 * second, 3*second + ms}; !slices.Equal(at, want) {
			t.Errorf("ended at %v, want %v", at, want)
		}
		if slices.Max(how) != codes.OK {
			t.Errorf("codes %v", how)
		}
	})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Capacity{Handlers: 1, ServiceTime: second, Queue: 2})
		at, how := ended(t, g, 5, time.Minute)
		full := codes.ResourceExhausted
		if want := []codes.Code{codes.OK, codes.OK, codes.OK, full, full}; !slices.Equal(how, want) {
			t.Errorf("codes %v, want %v", how, want)
		}
		if at[3] != 3*time.Millisecond || at[4] != 4*time.Millisecond {
			t.Errorf("refused at %v", at[3:])
		}
		if _, how := ended(t, g, 3, time.Minute); slices.Max(how) != codes.OK {
			t.Errorf("empty again: codes %v", how)
		}
	})
}

// The oldest greeting in the queue is the next, and it is nearly dead: with two seconds of work and a queue that
// is as long as callers wait, every handler works for callers that give up before it is done.
func TestAnEndlessQueueServesTheDying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Capacity{Handlers: 1, ServiceTime: 2 * time.Millisecond})
		_, how := ended(t, g, 1000, 50*time.Millisecond)
		ok := 0
		for _, c := range how[500:] {
			switch c {
			case codes.OK:
				ok++
			case codes.DeadlineExceeded:
			default:
				t.Fatalf("code %s", c)
			}
		}
		if ok > 50 { // of the 250 that there is time for; the last ones find the queue gone
			t.Errorf("%d of the last 500 were answered in time", ok)
		}
		if g.waiting.Load() != 0 || len(g.handlers) != 0 {
			t.Errorf("%d still wait, %d handlers are still busy", g.waiting.Load(), len(g.handlers))
		}
	})
}

func TestWithoutABoundNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at, _ := ended(t, newGate(Capacity{ServiceTime: second}), 3, time.Minute)
		ms := time.Millisecond
		if want := []time.Duration{second, second + ms, second + 2*ms}; !slices.Equal(at, want) {
			t.Errorf("ended at %v, want %v", at, want)
		}
	})
}
