package main

import (
	"context"
	"slices"
	"strings"

	"devstack/control"
	"devstack/stack"
	"devstack/timeline"
)

// everybody as a target means every replica that has a process.
const everybody = "all"

// Inject breaks something. A mistake in the order is told apart from a deed that failed.
func (l *lab) Inject(ctx context.Context, f control.Fault) (timeline.Fault, error) {
	s, ctx, done, err := l.begin(ctx)
	if err != nil {
		return timeline.Fault{}, err
	}
	defer done()
	kinds := stack.Kinds()
	if _, known := kinds[f.Kind]; !known {
		hint := didYouMean(f.Kind, sortedKeys(kinds), "devstack inject ", "devstack inject --list")
		return timeline.Fault{}, control.Refuse(control.NotFound, hint, "there is no fault %q", f.Kind)
	}
	for _, name := range sortedKeys(f.Args) {
		if known := stack.Arguments(f.Kind); !slices.Contains(known, name) {
			hint := didYouMean(name, known, "", "devstack inject --list")
			return timeline.Fault{}, control.Refuse(control.Usage, hint, "%v", stack.CheckArgument(f.Kind, name, ""))
		}
	}
	targets, err := faultTargets(s, f)
	if err != nil {
		return timeline.Fault{}, err
	}
	d, err := s.Inject(ctx, stack.Order{Kind: f.Kind, Targets: targets, Args: f.Args, Step: f.Owner, For: f.For, Brief: true})
	if err != nil && d.ID == 0 { // refused before anything was tried
		return d, control.Refuse(control.Usage, "devstack inject --list", "%v", err)
	}
	return d, err
}

// faultTargets are the replicas that an order is about. Faults of what there is only one
// of need no target.
func faultTargets(s *stack.Stack, f control.Fault) ([]string, error) {
	names := replicaNames(s)
	words := append(slices.Clip(names), everybody, stack.Favourite)
	switch {
	case strings.HasPrefix(f.Kind, "consul-"):
		words = s.AgentWords()
	case strings.HasPrefix(f.Kind, "router-"):
		words = []string{"router"}
	}
	var out []string
	for _, t := range f.Targets {
		if !slices.Contains(words, t) {
			hint := didYouMean(t, words, "", "one of "+strings.Join(words, ", "))
			return nil, control.Refuse(control.NotFound, hint, "there is no %q to %s", t, f.Kind)
		}
		more := []string{t}
		switch {
		case t == everybody && f.Kind == "restart": // those that have ended as well
			more = replicaNames(s)
		case t == everybody:
			more = s.Running()
		}
		for _, name := range more {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

func replicaNames(s *stack.Stack) []string {
	names := []string{}
	for _, r := range s.Replicas() {
		names = append(names, r.ID)
	}
	return names
}
