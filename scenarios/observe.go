package scenarios

import (
	"math"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"devstack/timeline"
)

// observations turns a record into the values that formulas may name: one object per
// step, "steady", "verify", and "run" for the whole. A step that injects a fault speaks
// of the time from the injection to the heal; every other of the time until the next step.
// All are what the first client saw; their field "of" has the same of each client.
func observations(r Record) map[string]cty.Value {
	first, of := map[string]map[string]cty.Value{}, map[string]map[string]cty.Value{}
	for _, client := range r.clients() {
		own := r.of(client)
		windows, falls := windowsOf(own)
		home := own.answered(windows["steady"])
		for name, w := range windows {
			m := observe(own, w, falls[name], home)
			if client == timeline.FirstClient {
				first[name], of[name] = m, map[string]cty.Value{}
			}
			of[name][formulaName(client)] = cty.ObjectVal(m)
		}
	}
	vars := map[string]cty.Value{}
	for name, m := range first {
		m["of"] = cty.ObjectVal(of[name])
		vars[name] = cty.ObjectVal(m)
	}
	return vars
}

// windowsOf is the stretch of the run that each name in a formula speaks of, and the fault
// of those that have one.
func windowsOf(r Record) (map[string]window, map[string]*timeline.Waterfall) {
	end := endOf(r)
	windows, falls := stepWindows(r, end), map[string]*timeline.Waterfall{}
	for _, f := range timeline.Waterfalls(r.Events) {
		if _, ok := windows[f.Step]; !ok || falls[f.Step] != nil {
			continue
		}
		w := window{f.Injected, end}
		if f.Healed > 0 {
			w.to = f.Healed
		}
		windows[f.Step], falls[f.Step] = w, &f
	}
	windows["run"] = window{trafficBegins(r), end}
	return windows, falls
}

// endOf is when the story is over; what comes later is the stack being taken down.
func endOf(r Record) float64 {
	for _, e := range slices.Backward(r.Events) {
		if s, ok := timeline.Payload[timeline.Step](e); ok && s.Phase == "end" {
			return e.T
		}
	}
	if n := len(r.Events); n > 0 {
		return math.Nextafter(r.Events[n-1].T, math.Inf(1))
	}
	return 0
}

// trafficBegins is when the load did: before it nothing was measured.
func trafficBegins(r Record) float64 {
	for _, e := range r.Events {
		if e.Type == timeline.StackReady {
			return e.T
		}
	}
	return 0
}

func stepWindows(r Record, end float64) map[string]window {
	windows := map[string]window{}
	last := ""
	for _, e := range r.Events {
		s, ok := timeline.Payload[timeline.Step](e)
		if !ok || e.Type != timeline.ScenarioStep {
			continue
		}
		if w, ok := windows[last]; ok {
			w.to = e.T
			windows[last] = w
		}
		windows[s.Name] = window{e.T, end}
		last = s.Name
	}
	return windows
}

// observe measures one window. Latencies are from the due time. A value that was not
// seen is null, which no bound accepts. home is who answered each key in the steady state.
func observe(r Record, w window, fall *timeline.Waterfall, home map[string]string) map[string]cty.Value {
	calls := r.calls(w)
	ready, listed, catalog := r.at(math.Nextafter(w.to, w.from))
	m := map[string]cty.Value{
		"total": number(len(calls)), "ready": number(len(ready)), "listed": number(len(listed)), "passing": number(count(catalog, "passing")),
		"registered": number(len(catalog)),
		"updates":    number(r.events(timeline.ResolverUpdated, w) + r.events(timeline.ResolverEmpty, w)),
		"errors":     number(r.events(timeline.ResolverError, w)),
		"crashes":    number(r.events(timeline.ResolverCrashed, w)),
		"exits":      number(r.events(timeline.ReplicaExited, w)),
		"connects":   number(r.connects(w)),
		"watching":   number(r.watching(w)),
		"elections":  number(r.events(timeline.ConsulLeaderElected, w)),
		"leaderless": cty.NumberFloatVal(r.leaderless(w)),
		"silence":    number(r.silence(w)),
		"least":      number(r.least(w)),
		"length":     cty.NumberFloatVal(w.to - w.from),
		"spread":     cty.NullVal(cty.Number),
	}
	if n, seen := r.spread(w); seen {
		m["spread"] = number(n)
	}
	measureCalls(m, calls)
	measureArrivals(m, r, w)
	measureKeys(m, r, w, ready, home)
	m["herd"] = r.herd(w)
	if fall != nil {
		measureFault(m, r, *fall, catalog)
	}
	return m
}

func number(n int) cty.Value { return cty.NumberIntVal(int64(n)) }

func count(m map[string]string, value string) int {
	n := 0
	for _, v := range m {
		if v == value {
			n++
		}
	}
	return n
}

func measureCalls(m map[string]cty.Value, calls []timeline.Call) {
	failed, unpicked, attempts := 0, 0, 0
	byCode, share := map[string]int{}, map[string]int{}
	var waits, fails []float64
	for _, c := range calls {
		attempts += c.Attempts
		if c.Replica != "" {
			share[c.Replica]++
		}
		if c.OK {
			waits = append(waits, c.Done-c.Due)
			continue
		}
		failed++
		byCode[c.Code]++
		fails = append(fails, c.Done-c.Due)
		if c.Picked == 0 {
			unpicked++
		}
	}
	slices.Sort(waits)
	slices.Sort(fails)
	m["failed"], m["unpicked"] = number(failed), number(unpicked)
	m["p50"], m["p99"], m["slowest"] = quantile(waits, .5), quantile(waits, .99), quantile(waits, 1)
	m["slowest_failure"] = quantile(fails, 1)
	m["success"], m["attempts_per_call"] = cty.NullVal(cty.Number), cty.NullVal(cty.Number)
	if n := len(calls); n > 0 {
		m["success"] = cty.NumberFloatVal(float64(n-failed) / float64(n))
		m["attempts_per_call"] = cty.NumberFloatVal(float64(attempts) / float64(n))
	}
	for _, code := range []string{"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED", "CANCELED"} {
		m[code] = number(byCode[code])
	}
	used, most := 0, 0
	for _, n := range share {
		used++
		most = max(most, n)
	}
	shares := map[string]cty.Value{}
	for name, n := range share {
		shares[name] = cty.NumberFloatVal(float64(n) / float64(len(calls)))
	}
	m["share"] = cty.ObjectVal(shares)
	m["used"], m["largest_share"] = number(used), cty.NullVal(cty.Number)
	if n := len(calls); n > 0 {
		m["largest_share"] = cty.NumberFloatVal(float64(most) / float64(n))
	}
}

// quantile is the nearest-rank q-quantile of sorted seconds, null for none.
func quantile(sorted []float64, q float64) cty.Value {
	if len(sorted) == 0 {
		return cty.NullVal(cty.Number)
	}
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return cty.NumberFloatVal(sorted[min(max(i, 0), len(sorted)-1)])
}

// measureArrivals gives the seconds from the beginning of w to the first news of each kind
// about replicas that were not ready when it began.
func measureArrivals(m map[string]cty.Value, r Record, w window) {
	before, _, _ := r.at(w.from)
	first := map[string]cty.Value{"listened": cty.NullVal(cty.Number), "resolved": cty.NullVal(cty.Number), "joined": cty.NullVal(cty.Number), "answered": cty.NullVal(cty.Number), "left": cty.NullVal(cty.Number), "healed": cty.NullVal(cty.Number), "elected": cty.NullVal(cty.Number), "errored": cty.NullVal(cty.Number)}
	note := func(name string, t float64) {
		if first[name].IsNull() {
			first[name] = cty.NumberFloatVal(t - w.from)
		}
	}
	for _, e := range r.Events {
		if !w.has(e.T) {
			continue
		}
		switch d, _ := timeline.Payload[timeline.Picker](e); e.Type {
		case timeline.ReplicaListening:
			note("listened", e.T)
		case timeline.FaultHealed:
			note("healed", e.T)
		case timeline.ConsulLeaderElected:
			note("elected", e.T)
		case timeline.ResolverError:
			note("errored", e.T)
		case timeline.ResolverUpdated:
			if l, _ := timeline.Payload[timeline.Resolved](e); len(l.Added) > 0 {
				note("resolved", e.T)
			}
		case timeline.PickerUpdated:
			if len(d.Added) > 0 {
				note("joined", e.T)
			}
			if len(d.Removed) > 0 {
				note("left", e.T)
			}
		}
	}
	for _, c := range r.calls(w) {
		if c.OK && c.Replica != "" && !slices.Contains(before, c.Replica) {
			note("answered", c.Done)
			break
		}
	}
	for name, v := range first {
		m[name] = v
	}
}

func measureFault(m map[string]cty.Value, r Record, f timeline.Waterfall, catalog map[string]string) {
	for _, mark := range f.Marks {
		m[mark.ID] = cty.NullVal(cty.Number)
		if mark.MS != nil {
			m[mark.ID] = cty.NumberFloatVal(*mark.MS / 1000)
		}
	}
	m["in_flight"] = number(r.inFlight(f.Targets, f.Injected))
	m["victims"] = number(len(f.Targets))
	m["failed_elsewhere"] = number(r.failedElsewhere(f))
	m["noticed"] = r.noticed(f)
	entries := map[string]bool{}
	on, called := 0, 0
	for _, name := range f.Targets {
		entries[absentIfEmpty(catalog[name])] = true
	}
	for _, c := range r.Calls {
		during := c.Picked >= f.Injected && (f.Healed == 0 || c.Picked < f.Healed)
		if !during || c.Replica == "" {
			continue
		}
		called++
		if slices.Contains(f.Targets, c.Replica) {
			on++
		}
	}
	m["picked"], m["victim_share"] = number(on), cty.NullVal(cty.Number)
	if called > 0 {
		m["victim_share"] = cty.NumberFloatVal(float64(on) / float64(called))
	}
	m["entry"] = cty.StringVal("mixed")
	for status := range entries {
		if len(entries) == 1 {
			m["entry"] = cty.StringVal(status)
		}
	}
}

// noticed gives for each target the seconds from the injection until its check at the
// agent stopped passing, null when it never did before the heal.
func (r Record) noticed(f timeline.Waterfall) cty.Value {
	m := map[string]cty.Value{}
	for _, name := range f.Targets {
		m[name] = cty.NullVal(cty.Number)
	}
	for _, e := range r.Events {
		c, ok := timeline.Payload[timeline.CheckChange](e)
		if !ok || e.T < f.Injected || f.Healed > 0 && e.T >= f.Healed || c.To == "passing" {
			continue
		}
		if v, target := m[c.Replica]; target && v.IsNull() {
			m[c.Replica] = cty.NumberFloatVal(e.T - f.Injected)
		}
	}
	return cty.ObjectVal(m)
}

// failedElsewhere counts the calls that failed during the fault and were not with a target.
func (r Record) failedElsewhere(f timeline.Waterfall) int {
	n := 0
	for _, c := range r.Calls {
		during := c.Sent >= f.Injected && (f.Healed == 0 || c.Sent < f.Healed)
		if !c.OK && during && !slices.Contains(f.Targets, c.Replica) {
			n++
		}
	}
	return n
}

func absentIfEmpty(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

// connects counts the subchannels that became ready in w.
func (r Record) connects(w window) int {
	n := 0
	for _, e := range r.Events {
		if s, ok := timeline.Payload[timeline.Subchannel](e); ok && s.To == "READY" && w.has(e.T) {
			n++
		}
	}
	return n
}

// watching is how many goroutines of resolvers the last tick of w saw.
func (r Record) watching(w window) int {
	n := 0
	for _, e := range r.Events {
		if t, ok := timeline.Payload[timeline.Tick](e); ok && w.has(e.T) {
			n = t.Watching
		}
	}
	return n
}
