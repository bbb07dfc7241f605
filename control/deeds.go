package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"devstack/timeline"
)

type deed func(context.Context, Lab, Action) (Result, error)

var deeds = map[Verb]deed{
	Inject: inject, Heal: heal, HealAll: healAll, Resume: resume, Scale: scale, Rate: setRate, Call: call, Stop: stop,
}

func inject(ctx context.Context, lab Lab, a Action) (Result, error) {
	limit, err := Limit(a.For)
	if err != nil {
		return Result{}, err
	}
	f, err := lab.Inject(ctx, Fault{Kind: a.Kind, Targets: a.Targets, Args: a.Args, Owner: "by hand (" + a.By + ")", For: limit})
	if err != nil {
		return Result{}, err
	}
	until := "until somebody heals it"
	switch {
	case f.Once:
		until = "done, and nothing to heal"
	case limit > 0:
		until = fmt.Sprintf("for %s", limit.Round(time.Millisecond))
	}
	return Result{Msg: fmt.Sprintf("fault %d: %s, %s", f.ID, detailed(f), until), Fault: &f}, nil
}

func detailed(f timeline.Fault) string { return strings.TrimSpace(named(f) + " " + f.Detail) }

func named(f timeline.Fault) string {
	return strings.Join(append([]string{f.Kind}, f.Targets...), " ")
}

func heal(ctx context.Context, lab Lab, a Action) (Result, error) {
	open := lab.Status().Faults
	at := slices.IndexFunc(open, func(f OpenFault) bool { return f.ID == a.ID })
	if at < 0 {
		return Result{}, Refuse(NotFound, listed(open), "fault %d is not injected", a.ID)
	}
	if err := lab.Heal(ctx, a.ID); err != nil {
		return Result{}, err
	}
	return Result{Msg: fmt.Sprintf("healed %d: %s", a.ID, named(open[at].Fault)), Healed: []int{a.ID}}, nil
}

// listed is what is injected now, as a hint.
func listed(open []OpenFault) string {
	if len(open) == 0 {
		return "nothing is injected"
	}
	var out []string
	for _, f := range open {
		out = append(out, fmt.Sprintf("%d (%s)", f.ID, named(f.Fault)))
	}
	return "injected now: " + strings.Join(out, ", ")
}

func healAll(ctx context.Context, lab Lab, _ Action) (Result, error) {
	open := lab.Status().Faults
	if err := lab.HealAll(ctx); err != nil {
		return Result{}, err
	}
	return healed(open, "nothing was injected"), nil
}

func healed(open []OpenFault, none string) Result {
	r := Result{Msg: none}
	var names []string
	for _, f := range open {
		r.Healed = append(r.Healed, f.ID)
		names = append(names, fmt.Sprintf("%d (%s)", f.ID, named(f.Fault)))
	}
	if len(names) > 0 {
		r.Msg = "healed " + strings.Join(names, ", ")
	}
	return r
}

// resume heals the pauses of some replicas; a pause of several of them ends for all.
func resume(ctx context.Context, lab Lab, a Action) (Result, error) {
	open := lab.Status().Faults
	var mine []OpenFault
	for _, target := range a.Targets {
		paused := slices.DeleteFunc(slices.Clone(open), func(f OpenFault) bool {
			return f.Kind != "pause" || !slices.Contains(f.Targets, target)
		})
		if len(paused) == 0 {
			return Result{}, Refuse(NotFound, listed(open), "nobody paused %s", target)
		}
		mine = append(mine, paused...)
	}
	for _, f := range mine {
		if err := lab.Heal(ctx, f.ID); err != nil {
			return Result{}, err
		}
	}
	return healed(mine, "no replica was named"), nil
}

func scale(ctx context.Context, lab Lab, a Action) (Result, error) {
	added, removed, err := lab.Scale(ctx, a.N)
	if err != nil {
		return Result{}, err
	}
	r := Result{Added: added, Removed: removed}
	switch {
	case len(added) > 0:
		r.Msg = fmt.Sprintf("%d replicas; new: %s", a.N, timeline.Few(added, ", "))
	case len(removed) > 0:
		r.Msg = fmt.Sprintf("%d replicas; stopped: %s", a.N, timeline.Few(removed, ", "))
	default:
		r.Msg = fmt.Sprintf("%d replicas, as before", a.N)
	}
	return r, nil
}

func setRate(_ context.Context, lab Lab, a Action) (Result, error) {
	if err := lab.SetRate(a.Rate); err != nil {
		return Result{}, err
	}
	return Result{Msg: fmt.Sprintf("%g RPC/s from now on", a.Rate)}, nil
}

func call(ctx context.Context, lab Lab, _ Action) (Result, error) {
	if err := lab.CallOnce(ctx); err != nil {
		return Result{}, err
	}
	return Result{Msg: "one call made"}, nil
}

func stop(_ context.Context, lab Lab, a Action) (Result, error) {
	lab.Stop(a.Now)
	return Result{Msg: "the stack is stopping"}, nil
}
