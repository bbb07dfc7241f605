package scenarios

import (
	"slices"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

// Every expectation of kill-node holds over a record in which all went well, and each is
// broken by exactly the story that breaks it.
func TestEachExpectationOfKillNodeCanFail(t *testing.T) {
	const (
		fewFail  = "only RPCs that were in flight on the victim fail"
		leaves   = "the victim leaves the picker"
		noMore   = "the channel sends nothing more to the victim"
		notice   = "Consul and the resolver notice"
		even     = "the survivors share exactly evenly"
		entry    = "the dead entry stays in the catalog, critical"
		fullPart = "the restarted replica gets its full share"
		back     = "the restarted replica is back after one check"
		all      = "all replicas are in the picker at the end"
	)
	for name, c := range map[string]struct {
		change func(*killTold)
		broken []string
	}{
		"all went well":                 {func(*killTold) {}, nil},
		"one failure more than at risk": {func(k *killTold) { k.failed = 3 }, []string{fewFail}},
		"subchannel lingers":            {func(k *killTold) { k.left = 0.2 }, []string{leaves}},
		"picked long after its death":   {func(k *killTold) { k.lastPick = 0.3 }, []string{noMore}},
		"resolver is late":              {func(k *killTold) { k.listed = 1.3 }, []string{notice}},
		"one survivor gets two thirds":  {func(k *killTold) { k.survivors = []string{"greeter-1", "greeter-1", "greeter-3"} }, []string{even}},
		"entry has gone":                {func(k *killTold) { k.statusAfter = "" }, []string{entry}},
		"entry still passing":           {func(k *killTold) { k.statusAfter = "passing" }, []string{entry}},
		"newcomer gets too little": {func(k *killTold) {
			k.verify = []string{"greeter-1", "greeter-3", "greeter-1", "greeter-3", "greeter-2"}
		}, []string{fullPart}},
		"newcomer never connects": {func(k *killTold) { k.readyAtEnd, k.verify = pair, pair }, []string{all, back}},
		"newcomer comes late":     {func(k *killTold) { k.back = 1.3 }, []string{back}},
	} {
		t.Run(name, func(t *testing.T) {
			k := goodKill()
			c.change(&k)
			var broken []string
			for _, e := range verdicts(t, "kill-node", k.record()) {
				if e.Verdict != timeline.Pass {
					broken = append(broken, e.Name)
				}
			}
			if slices.Sort(broken); !slices.Equal(broken, c.broken) {
				t.Errorf("broken: %q, want %q", broken, c.broken)
			}
		})
	}
}

func TestEveryKindHasBothVerdicts(t *testing.T) {
	r := goodKill().record()
	for expect, want := range map[string]timeline.Verdict{
		`within = ms(5)
		 of = kill.left`: timeline.Pass,
		`within = ms(3)
		 of = kill.left`: timeline.Fail,
		`max = 1
		 of = kill.failed`: timeline.Pass,
		`max = 0
		 of = kill.failed`: timeline.Fail,
		`min = 3
		 of = verify.ready`: timeline.Pass,
		`min = 4
		 of = verify.ready`: timeline.Fail,
		`always = kill.entry == "critical"`: timeline.Pass,
		`always = kill.entry == "absent"`:   timeline.Fail,
		`never = kill.entry == "absent"`:    timeline.Pass,
		`never = kill.entry == "critical"`:  timeline.Fail,
		`never = kill.UNAVAILABLE`:          timeline.Fail,
		`never = kill.DEADLINE_EXCEEDED`:    timeline.Pass,
	} {
		if e := judged(t, expect, r, 0); e.Verdict != want {
			t.Errorf("%s: %s (%+v), want %s", expect, e.Verdict, e, want)
		}
	}
}

func TestWhatWasNotSeenFails(t *testing.T) {
	k := goodKill()
	k.listed = 100 // after the end of the record's story
	for _, expect := range []string{
		"within = 1000\nof = kill.t5",
		"max = 1000\nof = kill.t5",
		"min = 0\nof = kill.t5",
	} {
		e := judged(t, expect, k.record(), 0)
		if e.Verdict != timeline.Fail || !e.Missing {
			t.Errorf("%s: %+v, want a failure, missing", expect, e)
		}
	}
}

func TestWhatCannotBeComputedIsInconclusive(t *testing.T) {
	r := goodKill().record()
	for _, expect := range []string{
		"max = 1\nof = kill.nonsense",
		"max = look.t5\nof = kill.failed", // look injects nothing, so it has no t5
		"always = look.entry == \"x\"",
	} {
		e := judged(t, expect, r, 0)
		if e.Verdict != timeline.Inconclusive || !strings.Contains(e.Why, "cannot be computed") {
			t.Errorf("%s: %+v, want inconclusive", expect, e)
		}
	}
}

func TestAStepThatNeverCameProvesNothing(t *testing.T) {
	full := goodKill().record()
	cut := Record{}
	for _, e := range full.Events {
		if e.T < 1 {
			cut.Events = append(cut.Events, e)
		}
	}
	for name, e := range verdicts(t, "kill-node", cut) {
		if e.Verdict == timeline.Pass {
			t.Errorf("%s passes over a record without a kill: %+v", name, e)
		}
	}
}

// A late timer explains a missed time limit. It explains neither a count nor a moment
// that never came.
func TestNoiseExcusesOnlyMissedTimeLimits(t *testing.T) {
	k := goodKill()
	k.left, k.failed, k.listed = 0.06, 9, 100
	r := k.record()
	for expect, want := range map[string]timeline.Verdict{
		"within = ms(50)\nof = kill.left": timeline.Inconclusive,
		"within = ms(70)\nof = kill.left": timeline.Pass,
		"max = 1\nof = kill.failed":       timeline.Fail,
		"within = ms(50)\nof = kill.t5":   timeline.Fail,
	} {
		if e := judged(t, expect, r, 0.03); e.Verdict != want {
			t.Errorf("%s on a noisy machine: %s, want %s", expect, e.Verdict, want)
		}
		if e := judged(t, expect, r, 0.01); e.Verdict == timeline.Inconclusive {
			t.Errorf("%s is excused on a quiet machine", expect)
		}
	}
}

func TestAnExpectationShowsItsArithmetic(t *testing.T) {
	e := verdicts(t, "kill-node", goodKill().record())["Consul and the resolver notice"]
	want := []timeline.Term{{Name: "interval", Value: 1}, {Name: "slack", Value: slack.Seconds()}}
	if e.Formula != "interval + slack" || !slices.Equal(e.Terms, want) || e.Bound != 1+slack.Seconds() || e.Of != "kill.t5" {
		t.Errorf("%+v", e)
	}
	if e.Observed < 0.79 || e.Observed > 0.81 {
		t.Errorf("observed %v, want the 0.8 s of the record", e.Observed)
	}
}

func TestTheSameRecordGetsTheSameVerdicts(t *testing.T) {
	r := goodKill().record()
	first := verdicts(t, "kill-node", r)
	for name, e := range verdicts(t, "kill-node", r) {
		if f := first[name]; f.Verdict != e.Verdict || f.Observed != e.Observed || f.Bound != e.Bound {
			t.Errorf("%s: %+v, then %+v", name, f, e)
		}
	}
}

// A guard of the scenario's own makes a noisy machine's pass worthless too; without one,
// only failures are doubted.
func TestGuard(t *testing.T) {
	parse := func(guard string) *Scenario {
		list, err := Parse([]byte("scenario \"x\" {\n title = \"x\"\n"+guard+"\n step \"s\" {}\n}"), "x.hcl")
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	setup := []timeline.Term{{Name: "interval", Value: 1}}
	guarded, plain := parse("guard {\n noise_max = interval / 10\n}"), parse("")
	for _, c := range []struct {
		s     *Scenario
		v     timeline.Verdict
		noise time.Duration
		want  bool
	}{
		{guarded, timeline.Pass, 90 * time.Millisecond, false},
		{guarded, timeline.Pass, 110 * time.Millisecond, true},
		{guarded, timeline.Fail, 110 * time.Millisecond, true},
		{plain, timeline.Pass, time.Second, false},
		{plain, timeline.Fail, 100 * time.Millisecond, false},
		{plain, timeline.Fail, 130 * time.Millisecond, true},
	} {
		if got := c.s.tooNoisy(c.v, setup, c.noise); got != c.want {
			t.Errorf("%s with noise %s: too noisy is %v", c.v, c.noise, got)
		}
	}
}

// A machine that stood still during the fault explains counts and times of that fault, and
// of nothing else.
func TestAStallExcusesWhatItCovers(t *testing.T) {
	k := goodKill()
	k.left, k.failed = 0.06, 9
	stalled := func(at float64) Record {
		r := k.record()
		r.Events = append(r.Events, timeline.Event{T: at, Type: timeline.MachineStalled, D: timeline.Stall{MS: 200}})
		return r
	}
	for expect, want := range map[string][2]timeline.Verdict{ // stalled during the fault, and before it
		"within = ms(50)\nof = kill.left":       {timeline.Inconclusive, timeline.Fail},
		"max = 1\nof = kill.failed":             {timeline.Inconclusive, timeline.Fail},
		"within = ms(50)\nof = kill.nonsense":   {timeline.Inconclusive, timeline.Inconclusive},
		"always = kill.entry == \"absent\"":     {timeline.Fail, timeline.Fail},
		"within = ms(70)\nof = kill.left":       {timeline.Pass, timeline.Pass},
		"within = seconds(1)\nof = kill.t5 + 1": {timeline.Fail, timeline.Fail}, // 0.2 s late explain nothing of 0.8
	} {
		for n, at := range []float64{2.5, 1.5} {
			if e := judged(t, expect, stalled(at), 0); e.Verdict != want[n] {
				t.Errorf("%s with a stall at %v s: %s, want %s", expect, at, e.Verdict, want[n])
			}
		}
	}
}

func TestAStallExcusesAnUnsteadyEnd(t *testing.T) {
	for stall, want := range map[float64]timeline.Verdict{0.3: timeline.Inconclusive, 0.05: timeline.Fail} {
		e := timeline.Expectation{Verdict: timeline.Fail, Why: "7 calls failed in 1s"}
		if doubtSteady(&e, stall); e.Verdict != want || !strings.HasPrefix(e.Why, "7 calls failed in 1s") {
			t.Errorf("a stall of %v s: %s, %q, want %s", stall, e.Verdict, e.Why, want)
		}
	}
}
