package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func nothing(context.Context) (string, error) { return "", nil }

// takes is a call that lasts d, or until its deadline.
func takes(d time.Duration) Call {
	return func(ctx context.Context) (string, error) {
		select {
		case <-time.After(d):
			return "b", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// collect is a sink and what it got, in order of Seq.
func collect() (sink func(Result), got func() []Result) {
	var mu sync.Mutex
	var all []Result
	return func(r Result) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, r)
		}, func() []Result {
			mu.Lock()
			defer mu.Unlock()
			return slices.SortedFunc(slices.Values(all), func(a, b Result) int { return int(a.Seq) - int(b.Seq) })
		}
}

// inBubble is an Attack that goes by fake time, which the kernel does not know.
func inBubble(t *testing.T, cfg Config) *Attack {
	t.Helper()
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.newAlarm = runtimeAlarm
	return a
}

// attack runs cfg to its end in a bubble of fake time.
func attack(t *testing.T, cfg Config) (*Attack, []Result) {
	t.Helper()
	sink, got := collect()
	cfg.Sink = sink
	a := inBubble(t, cfg)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a, got()
}

func TestOpenLoopDoesNotWaitForSlowCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, got := attack(t, Config{Call: takes(500 * time.Millisecond), Pacer: Constant(100), Duration: time.Second})
		if len(got) != 100 {
			t.Fatalf("%d calls, want 100", len(got))
		}
		for i, r := range got {
			due := time.Duration(i) * 10 * time.Millisecond
			want := Result{Seq: uint64(i) + 1, Due: due, Sent: due, Done: due + 500*time.Millisecond, Backend: "b"}
			if r != want {
				t.Fatalf("result %+v, want %+v", r, want)
			}
		}
		if st := a.Stats(); st.Sent != 100 || st.Done != 100 || st.InFlight != 0 || st.Waited != 0 || st.Unsent != 0 || st.Delay.Max != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}

// TestAPauseShowsFromDue is coordinated omission, undone: the server stops for a second, and calls that were
// due meanwhile have waited for it, though their own service time was short.
func TestAPauseShowsFromDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		paused := func(ctx context.Context) (string, error) {
			if since := time.Since(begin); since >= time.Second && since < 2*time.Second {
				time.Sleep(2*time.Second - since)
			}
			return "", nil
		}
		var m Metrics
		_, got := attack(t, Config{Call: paused, Pacer: Constant(100), MaxInFlight: 1, Deadline: 5 * time.Second, Duration: 4 * time.Second})
		for _, r := range got {
			m.Add(r)
		}
		s := m.Snapshot()
		if len(got) != 400 || s.Service.P99 > 0 || s.FromDue.P99 < 900*time.Millisecond || s.FromDue.P50 > 0 {
			t.Errorf("%d calls, p99 %v from sent and %v from due, p50 %v from due", len(got), s.Service.P99, s.FromDue.P99, s.FromDue.P50)
		}
	})
}

func TestMaxInFlightHoldsCallsBackAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, got := attack(t, Config{Call: takes(time.Second), Pacer: Constant(10), MaxInFlight: 2, Deadline: 5 * time.Second, Duration: 3050 * time.Millisecond})
		var sent []time.Duration
		for i, r := range got {
			sent = append(sent, r.Sent)
			if want := time.Duration(i) * 100 * time.Millisecond; r.Due != want {
				t.Errorf("call %d due at %v, want %v whatever it waited", i, r.Due, want)
			}
		}
		if want := ms(0, 100, 1000, 1100, 2000, 2100, 3000); !slices.Equal(sent, want) {
			t.Errorf("sent at %v, want %v", sent, want)
		}
		st := a.Stats()
		if st.Waited != 6 || st.Unsent != 31-7 || st.Delay.Max != 0 {
			t.Errorf("stats %+v, want 6 waited, 24 unsent and no delay of the machine's", st)
		}
	})
}

func TestDeadlineEndsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, got := attack(t, Config{Call: takes(time.Hour), Pacer: Constant(1), Count: 1, Deadline: 200 * time.Millisecond})
		if len(got) != 1 || got[0].Code != codes.DeadlineExceeded || got[0].Service() != 200*time.Millisecond || got[0].Err == "" {
			t.Errorf("results %+v", got)
		}
	})
}

func TestEndOfContextLetsCallsInFlightEnd(t *testing.T) {
	for name, cfg := range map[string]Config{
		"open": {Call: takes(500 * time.Millisecond), Pacer: Constant(10)}, "closed": {Call: takes(500 * time.Millisecond), Workers: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink, got := collect()
				cfg.Sink = sink
				a := inBubble(t, cfg)
				ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
				defer cancel()
				a.Run(ctx)
				if len(got()) != 3 {
					t.Errorf("%d calls, want the 3 in flight", len(got()))
				}
				for _, r := range got() {
					if r.Code != codes.OK {
						t.Errorf("call was interrupted: %+v", r)
					}
				}
			})
		})
	}
}

func TestCountBounds(t *testing.T) {
	for name, cfg := range map[string]Config{
		"open":   {Call: nothing, Pacer: Constant(1000), Count: 7},
		"closed": {Call: takes(time.Millisecond), Workers: 3, Count: 7},
		"pacer":  {Call: nothing, Pacer: Steps(Step{7, time.Second})},
	} {
		synctest.Test(t, func(t *testing.T) {
			if _, got := attack(t, cfg); len(got) != 7 || got[6].Seq != 7 {
				t.Errorf("%s: %d calls, want 7", name, len(got))
			}
		})
	}
}

func TestClosedLoopKeepsWorkersBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		call := func(ctx context.Context) (string, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			return takes(10 * time.Millisecond)(ctx)
		}
		_, got := attack(t, Config{Call: call, Workers: 4, Duration: time.Second})
		if len(got) != 400 || most.Load() != 4 {
			t.Errorf("%d calls, at most %d at once; want 400 and 4", len(got), most.Load())
		}
	})
}

func TestRateChangesWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewVariable(0)
		sink, got := collect()
		a := inBubble(t, Config{Call: nothing, Pacer: v, Duration: 3 * time.Second, Sink: sink})
		var wg sync.WaitGroup
		wg.Go(func() { a.Run(t.Context()) })
		synctest.Wait()
		time.Sleep(time.Second)
		v.SetRate(100)
		time.Sleep(time.Second)
		v.SetRate(10)
		wg.Wait()
		if n := len(got()); n != 110 {
			t.Errorf("%d calls, want none, then 100, then 10", n)
		}
	})
}

func TestOnceTakesTheSameWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink, got := collect()
		a := inBubble(t, Config{Call: takes(time.Hour), Pacer: Constant(1), Deadline: time.Second, Sink: sink})
		time.Sleep(time.Minute)
		r := a.Once(t.Context())
		want := Result{Seq: 1, Due: time.Minute, Sent: time.Minute, Done: 61 * time.Second, Code: codes.DeadlineExceeded, Err: "context deadline exceeded"}
		if r != want || !slices.Equal(got(), []Result{r}) {
			t.Errorf("result %+v, want %+v; sink got %+v", r, want, got())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if r := a.Once(ctx); r.Code != codes.Canceled || r.Seq != 2 {
			t.Errorf("cancelled: %+v", r)
		}
	})
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code codes.Code
		text string
	}{
		"status":        {status.Error(codes.ResourceExhausted, "full"), codes.ResourceExhausted, "full"},
		"wrapped":       {fmt.Errorf("greet: %w", status.Error(codes.ResourceExhausted, "full")), codes.ResourceExhausted, "full"},
		"context":       {fmt.Errorf("greet: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "greet: context deadline exceeded"},
		"anything else": {errors.New("odd"), codes.Unknown, "odd"},
		"nothing":       {nil, codes.OK, ""},
	} {
		_, got := attack(t, Config{Call: func(context.Context) (string, error) { return "", c.err }, Workers: 1, Count: 1})
		if got[0].Code != c.code || got[0].Err != c.text {
			t.Errorf("%s: %s %q, want %s %q", name, got[0].Code, got[0].Err, c.code, c.text)
		}
	}
}

func TestMisuse(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no call": {Workers: 1}, "no loop": {Call: nothing}, "both loops": {Call: nothing, Workers: 1, Pacer: Constant(1)},
		"workers": {Call: nothing, Workers: -1}, "in flight": {Call: nothing, Pacer: Constant(1), MaxInFlight: -1},
		"deadline": {Call: nothing, Workers: 1, Deadline: -1}, "duration": {Call: nothing, Workers: 1, Duration: -1},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	a, _ := attack(t, Config{Call: nothing, Workers: 1, Count: 1})
	if a.Run(t.Context()) == nil {
		t.Error("ran twice")
	}
}
