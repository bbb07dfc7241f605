package load

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// dues lists when the first n calls are due, or all when there are fewer.
func dues(p Pacer, n uint64) []time.Duration {
	var all []time.Duration
	for i := range n {
		due, ok := p.When(i)
		if !ok {
			break
		}
		all = append(all, due)
	}
	return all
}

func ms(n ...int) []time.Duration {
	var all []time.Duration
	for _, n := range n {
		all = append(all, time.Duration(n)*time.Millisecond)
	}
	return all
}

func TestSchedules(t *testing.T) {
	for name, c := range map[string]struct {
		pacer Pacer
		want  []time.Duration
	}{
		"constant":              {Constant(100), ms(0, 10, 20, 30, 40)},
		"ramp of no slope":      {Ramp(100, 100, time.Second), ms(0, 10, 20, 30, 40)},
		"ramp from zero":        {Ramp(0, 200, time.Second), ms(0, 100, 141, 173, 200)},
		"ramp to zero":          {Ramp(4, 0, time.Second), ms(0, 293)},
		"ramp and on":           {Ramp(2, 6, 500*time.Millisecond), ms(0, 309, 500, 667, 833)},
		"steps":                 {Steps(Step{100, 20 * time.Millisecond}, Step{50, 40 * time.Millisecond}), ms(0, 10, 20, 40)},
		"steps with a pause":    {Steps(Step{100, 20 * time.Millisecond}, Step{0, time.Second}, Step{100, 0}), ms(0, 10, 1020, 1030, 1040)},
		"half a call in a step": {Steps(Step{100, 15 * time.Millisecond}, Step{10, 0}), ms(0, 10, 65, 165, 265)},
	} {
		got := dues(c.pacer, 5)
		for i := range got {
			got[i] = got[i].Round(time.Millisecond)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: due at %v, want %v", name, got, c.want)
		}
	}
}

// TestRampAddsUp compares the closed form with the integral of the rate.
func TestRampAddsUp(t *testing.T) {
	for _, r := range []ramp{{10, 1000, 3 * time.Second}, {1000, 10, 3 * time.Second}, {0, 77, time.Second}, {5, 5.0001, time.Hour}} {
		for n := uint64(1); n < 2000; n += 37 {
			due, ok := r.When(n)
			at := due.Seconds()
			if !ok || at > r.over.Seconds() {
				break
			}
			slope := (r.to - r.from) / r.over.Seconds()
			if calls := r.from*at + slope*at*at/2; math.Abs(calls-float64(n)) > 1e-3 {
				t.Fatalf("%+v: by %v, when call %d is due, %v calls are", r, due, n, calls)
			}
		}
	}
}

func TestPoissonIsRandomAndRepeatable(t *testing.T) {
	a, b, other := dues(Poisson(1000, 7), 10_000), dues(Poisson(1000, 7), 10_000), dues(Poisson(1000, 8), 10_000)
	if !slices.Equal(a, b) || slices.Equal(a, other) {
		t.Error("schedule does not follow the seed")
	}
	var square float64
	for i := range len(a) - 1 {
		gap := (a[i+1] - a[i]).Seconds() * 1000
		square += gap * gap / float64(len(a))
	}
	// Exponential gaps of mean 1 have a mean square of 2; five standard errors of it are 5·√20/100.
	if mean := a[len(a)-1].Seconds() / 10; math.Abs(mean-1) > 0.05 || math.Abs(square-2) > 0.23 {
		t.Errorf("mean gap %.3f ms and mean square %.3f, want 1 and 2", mean, square)
	}
	p := Poisson(1000, 7)
	p.When(500)
	if due, _ := p.When(500); due != a[500] {
		t.Error("asking twice moved the call")
	}
}

func TestVariableChangesWithoutABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewVariable(10)
		v.Begin(time.Now())
		time.Sleep(250 * time.Millisecond) // calls 0, 1 and 2 were due, and half of 3
		changed := v.Changed()
		if err := v.SetRate(100); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
		default:
			t.Error("a change that nobody hears of")
		}
		time.Sleep(50 * time.Millisecond) // 5 more
		v.SetRate(0)
		if got, want := dues(v, 9), ms(0, 100, 200, 255, 265, 275, 285, 295); !slices.Equal(got[:8], want) || got[8] != Never {
			t.Errorf("due at %v, want %v and then never", got, want)
		}
		time.Sleep(time.Second)
		v.SetRate(1)
		if due, _ := v.When(8); due != 1800*time.Millisecond {
			t.Errorf("after the pause due at %v, want half a second after it", due)
		}
		if v.SetRate(-1) == nil || v.SetRate(math.NaN()) == nil || v.Rate() != 1 {
			t.Errorf("an impossible rate was taken: %v", v.Rate())
		}
	})
}

func TestImpossibleSchedulesAreRefused(t *testing.T) {
	for name, p := range map[string]Pacer{
		"no rate": Constant(0), "negative": Constant(-1), "nan": Constant(math.NaN()), "infinite": Constant(math.Inf(1)),
		"ramp in no time": Ramp(1, 2, 0), "ramp below zero": Ramp(1, -1, 1), "ramp of nothing": Ramp(0, 0, 1),
		"no steps": Steps(), "endless step in the middle": Steps(Step{1, 0}, Step{2, 0}), "negative step": Steps(Step{-1, 1}),
		"poisson": Poisson(0, 1), "variable": NewVariable(-1),
	} {
		if _, err := New(Config{Call: nothing, Pacer: p}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
