package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/load"
)

// pace is what --rate, --ramp, --steps and --poisson ask for. The zero value is a closed loop.
type pace struct {
	words string            // for people
	make  func() load.Pacer // a fresh one each time, always the same schedule; nil: closed loop
	ends  bool              // the schedule ends by itself
}

func (p pace) open() bool { return p.make != nil }

// paceFrom reads the flags. over is how long the calls are made, which a ramp has to know.
func paceFrom(c *cli.Context, over time.Duration) (pace, error) {
	if err := onePace(c); err != nil {
		return pace{}, err
	}
	switch {
	case c.String("ramp") != "":
		return rampPace(c.String("ramp"), over)
	case c.String("steps") != "":
		return stepsPace(c.String("steps"))
	case c.String("rate") == rateMax:
		return pace{words: "as fast as the answers come"}, nil
	}
	rate, err := parseRate("rate", c.String("rate"))
	if err != nil {
		return pace{}, err
	}
	if seed := c.Uint64("seed"); c.Bool("poisson") {
		return pace{words: fmt.Sprintf("poisson, %g RPC/s on average", rate), make: func() load.Pacer { return load.Poisson(rate, seed) }}, nil
	}
	return pace{words: fmt.Sprintf("%g RPC/s", rate), make: func() load.Pacer { return load.Constant(rate) }}, nil
}

// onePace refuses two schedules at once.
func onePace(c *cli.Context) error {
	var given []string
	for _, f := range []string{"rate", "ramp", "steps"} {
		if c.IsSet(f) && c.String(f) != "" {
			given = append(given, "--"+f)
		}
	}
	steady := c.String("rate") != rateMax && c.String("ramp") == "" && c.String("steps") == ""
	switch {
	case len(given) > 1:
		return usage("give one of them", "%s both say when calls are due", strings.Join(given, " and "))
	case c.Bool("poisson") && !steady:
		return usage("devstack load --rate 500 --poisson", "--poisson needs a steady --rate")
	}
	return nil
}

func rampPace(text string, over time.Duration) (pace, error) {
	a, b, ok := strings.Cut(text, ":")
	if !ok {
		return pace{}, usage("devstack load --ramp 10:500 --duration 30s", "--ramp: %q is not FROM:TO", text)
	}
	from, err := parseRampEnd(a)
	if err != nil {
		return pace{}, err
	}
	to, err := parseRampEnd(b)
	if err != nil {
		return pace{}, err
	}
	switch {
	case from == 0 && to == 0:
		return pace{}, usage("devstack load --ramp 10:500", "--ramp: from 0 to 0 is no load")
	case over == 0:
		return pace{}, usage("devstack load --ramp 10:500 --duration 30s", "--ramp needs --duration, to know how steep it is")
	}
	words := fmt.Sprintf("ramp from %g to %g RPC/s", from, to)
	return pace{words: words, make: func() load.Pacer { return load.Ramp(from, to, over) }}, nil
}

// parseRampEnd lets a ramp begin or end at 0, where a rate may not be.
func parseRampEnd(text string) (float64, error) {
	if v, err := strconv.ParseFloat(text, 64); err == nil && v == 0 {
		return 0, nil
	}
	return parseRate("ramp", text)
}

const stepsExample = "devstack load --steps 100:5s,500:10s"

func stepsPace(text string) (pace, error) {
	var steps []load.Step
	for part := range strings.SplitSeq(text, ",") {
		r, d, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			return pace{}, usage(stepsExample, "--steps: %q is not RATE:DURATION", part)
		}
		rate, err := parseRampEnd(r)
		if err != nil {
			return pace{}, usage(stepsExample, "--steps: %q is not a rate in [0, %.0f] RPC/s", r, load.MaxRate)
		}
		length, err := time.ParseDuration(d)
		if err != nil || length <= 0 {
			return pace{}, usage(stepsExample, "--steps: %q is not a time above 0, such as 5s", d)
		}
		steps = append(steps, load.Step{Rate: rate, For: length})
	}
	return pace{words: "steps " + text, make: func() load.Pacer { return load.Steps(steps...) }, ends: true}, nil
}

func parseRate(flag, text string) (float64, error) {
	rate, err := strconv.ParseFloat(text, 64)
	if err == nil && rate > 0 && rate <= load.MaxRate {
		return rate, nil
	}
	if flag == "rate" {
		return 0, usage("devstack load --rate 500, or --rate max", "--rate: %q is neither in (0, %.0f] RPC/s nor max", text, load.MaxRate)
	}
	return 0, usage("devstack load --ramp 10:500", "--%s: %q is not a rate in [0, %.0f] RPC/s", flag, text, load.MaxRate)
}

// offered is the rate in calls per second that the schedule asks for on average over its
// first n calls, and the time from the first of them to the last; 0 for fewer than two.
func (p pace) offered(n uint64) (rate float64, span time.Duration) {
	if !p.open() || n < 2 {
		return 0, 0
	}
	schedule := p.make()
	first, _ := schedule.When(0)
	last, ok := schedule.When(n - 1)
	if !ok || last <= first {
		return 0, 0
	}
	return float64(n-1) / (last - first).Seconds(), last - first
}
