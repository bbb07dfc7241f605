package scenarios

import (
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"devstack/stack"
	"devstack/timeline"
)

// Words that stand for replicas in a target.
var targetWords = []string{"one", "majority", "all", "random", stack.Favourite}

// staticContext knows what does not depend on a run. Durations in formulas are seconds.
func staticContext() *hcl.EvalContext {
	vars := map[string]cty.Value{}
	for _, w := range targetWords {
		vars[w] = cty.StringVal(w)
	}
	return &hcl.EvalContext{Variables: vars, Functions: functions()}
}

func functions() map[string]function.Function {
	return map[string]function.Function{
		"ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "min": stdlib.MinFunc, "max": stdlib.MaxFunc, "abs": stdlib.AbsoluteFunc, "pow": stdlib.PowFunc,
		"ms": scaled(1e-3), "seconds": scaled(1),
		"balanced": condition("balanced"), "listed": condition("listed"), "passing": condition("passing"), "ready": condition("ready"),
		"settled": condition("settled"),
	}
}

// scaled turns a number into seconds.
func scaled(factor float64) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "n", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return args[0].Multiply(cty.NumberFloatVal(factor)), nil
		},
	})
}

// terms are the values that every formula may use, as the run's set-up gives them.
func terms(c stack.Config) []timeline.Term {
	n := func(name string, v float64) timeline.Term { return timeline.Term{Name: name, Value: v} }
	d := func(name string, v time.Duration) timeline.Term {
		return timeline.Term{Name: name, Value: v.Seconds(), Unit: "s"}
	}
	truth := map[bool]float64{true: 1}
	return []timeline.Term{
		n("replicas", float64(c.Replicas)), n("callers", float64(c.Callers)),
		n("herd", float64(c.Herd.Channels)), n("own_watches", truth[c.Herd.Watch == stack.HerdOwn]), n("http_max_conns", float64(c.Consul.HTTPMaxConns)),
		{Name: "rate", Value: c.Rate, Unit: "RPC/s"}, n("channels", stack.Channels), n("keys", float64(c.Keys)),
		n("attempts", float64(max(c.Channel.Attempts, 1))),
		n("failures", float64(max(c.Check.FailuresBeforeCritical, 1))), n("successes", float64(max(c.Check.SuccessBeforePassing, 1))),
		n("health_check", truth[c.Channel.HealthCheck]), n("load_aware", truth[c.Policy == "least_request"]), n("throttle", truth[c.Channel.Throttle]),
		n("self_registration", truth[c.Replica.Register != stack.RegisterAgent]),
		d("interval", c.Check.Interval), d("timeout", c.Check.Timeout), d("ttl", c.Check.TTL), d("deadline", c.Deadline),
		d("keepalive", c.Channel.Keepalive), d("keepalive_timeout", c.Channel.KeepaliveTimeout),
		n("handlers", float64(c.Replica.Capacity.Handlers)), d("service_time", c.Replica.Capacity.ServiceTime), n("queue", float64(c.Replica.Capacity.Queue)),
		d("max_stale", maxStale(c)), d("settle", c.Replica.Settle), d("warm_up", c.Replica.WarmUp), d("max_age", c.Replica.MaxAge), d("slack", slack),
	}
}

// maxStale is the resolver's limit for an answer's age, 0 without one.
func maxStale(c stack.Config) time.Duration {
	params, _ := url.ParseQuery(c.Query)
	d, _ := time.ParseDuration(params.Get("max-stale"))
	return d
}

// slack is what agent, Raft, watch, UpdateState and picker may take together on loopback
// on a busy two-core machine. Measured medians here are around 15 ms.
const slack = 250 * time.Millisecond

func (s *Scenario) formulaNames() []string {
	names := []string{"run"}
	for _, t := range terms(stack.Config{}) {
		names = append(names, t.Name)
	}
	for _, st := range s.spec.Steps {
		names = append(names, st.Name)
	}
	return append(names, "steady", "verify")
}

// conditionNames are the names that an until may use.
func conditionNames() []string {
	names := slices.Clone(targetWords)
	for _, t := range terms(stack.Config{}) {
		names = append(names, t.Name)
	}
	return names
}

// setupContext is staticContext plus the terms of the set-up, plus more.
func setupContext(ts []timeline.Term, more map[string]cty.Value) *hcl.EvalContext {
	ctx := staticContext()
	for _, t := range ts {
		ctx.Variables[t.Name] = cty.NumberFloatVal(t.Value)
	}
	maps.Copy(ctx.Variables, more)
	return ctx
}
