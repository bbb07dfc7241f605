package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/stack/proc"
	"devstack/timeline"
)

// How often the agent's own view of its checks is read. It cannot be watched, only
// asked; quickly while a fault is open, because a waterfall measures milliseconds.
const (
	checksCalm  = 200 * time.Millisecond
	checksFault = 10 * time.Millisecond
)

// consulWatch tells what Consul believes. It is separate from the resolver under test,
// so that the record is not blind when that one is.
type consulWatch struct {
	agents  *cluster
	service string
	log     *timeline.Log
	faulted func() bool // a fault is open
}

// run watches until ctx ends.
func (w *consulWatch) run(ctx context.Context) {
	var watching sync.WaitGroup
	watching.Go(func() { w.watchCatalog(ctx, w.agents.witness()) })
	for _, a := range w.agents.agents {
		if w.agents.many() && !a.foreign() {
			watching.Go(func() { w.watchMember(ctx, a) })
		}
		if a == w.agents.home() || slices.Contains(w.agents.hosts(a.DC), a) {
			watching.Go(func() { w.watchAgent(ctx, a) })
		}
	}
	watching.Wait()
}

// watchCatalog follows the service with blocking queries.
func (w *consulWatch) watchCatalog(ctx context.Context, by *Agent) {
	var index uint64
	known := map[string]string{}
	for ctx.Err() == nil {
		opts := (&api.QueryOptions{WaitIndex: index, WaitTime: 30 * time.Second}).WithContext(ctx)
		entries, meta, err := by.eyes.Health().Service(w.service, "", false, opts)
		if err != nil {
			index = 0 // a restarted Consul counts from the beginning
			sleep(ctx, checksCalm/2)
			continue
		}
		now := statuses(entries)
		if len(now) < len(known) && w.hidden(ctx, by) {
			index = 0
			sleep(ctx, checksCalm)
			continue
		}
		if !maps.Equal(known, now) {
			w.tellCatalog(by, known, now, index, meta.LastIndex)
			known = now
		}
		if meta.LastIndex < index {
			index = 0
			continue
		}
		index = max(meta.LastIndex, 1)
	}
}

// hidden reports whether the observers may not see all of the service. An answer from Consul's
// stream does not say so.
func (w *consulWatch) hidden(ctx context.Context, by *Agent) bool {
	_, meta, err := by.eyes.Health().Service(w.service, "", false, (&api.QueryOptions{}).WithContext(ctx))
	return forbidden(err) || err == nil && meta.ResultsFilteredByACLs
}

// unseen is the error of an agent that does not let the observers look: it answers them with
// a shorter list of checks. Nil when there are no others.
func (a *Agent) unseen(ctx context.Context) error {
	if a.security.keys == nil && !a.foreign() {
		return nil // everybody may look
	}
	if _, err := a.self(ctx); forbidden(err) {
		return err
	}
	return nil
}

func forbidden(err error) bool {
	answer, ok := errors.AsType[api.StatusError](err)
	return ok && answer.Code == http.StatusForbidden
}

// refused is true of an agent's answer that says no, for want of rights or of a leader.
func refused(err error) bool {
	_, ok := errors.AsType[api.StatusError](err)
	return ok
}

func statuses(entries []*api.ServiceEntry) map[string]string {
	m := map[string]string{}
	for _, e := range entries {
		m[e.Service.ID] = e.Checks.AggregatedStatus()
	}
	return m
}

func (w *consulWatch) tellCatalog(by *Agent, was, is map[string]string, prev, index uint64) {
	changed := changes(was, is)
	var on []string
	sev := timeline.Good
	for _, id := range changed {
		on = append(on, timeline.Replica(id))
		if is[id] != api.HealthPassing {
			sev = timeline.Warn
		}
	}
	w.log.Append(timeline.Event{
		Type: timeline.ConsulServiceChange, Src: timeline.Agent(by.Name), On: on, Sev: sev,
		Msg: "catalog: " + describe(changed, was, is),
		D:   timeline.CatalogChange{Index: index, Prev: prev, Status: is, Changed: changed},
	})
}

// watchAgent reads the own checks of an agent that hosts replicas and, of the home agent,
// whether there is a leader.
func (w *consulWatch) watchAgent(ctx context.Context, a *Agent) {
	known, leader, reachable := map[string]string{}, "", true
	var asked time.Time
	var of *proc.Child // that the leader was told of
	for ctx.Err() == nil {
		// A paused agent accepts connections and never answers.
		ask, cancel := context.WithTimeout(ctx, 2*time.Second)
		opts := (&api.QueryOptions{}).WithContext(ask)
		checks, err := a.eyes.Agent().ChecksWithFilterOpts("", opts)
		now := w.agentStatuses(checks)
		if err == nil && (len(now) < len(known) || len(now) == 0) {
			err = a.unseen(ask)
		}
		if err == nil && a == w.agents.home() && time.Since(asked) >= checksCalm {
			asked = time.Now()
			child, _ := a.process()
			leader = w.tellLeader(ask, a, leader, child != of)
			of = child
		}
		cancel()
		if ctx.Err() != nil {
			return
		}
		if reachable != (err == nil) {
			reachable = err == nil
			w.tellReachable(a, err)
		}
		if err == nil {
			w.tellChecks(a, known, now, checks)
			known = now
		}
		sleep(ctx, w.pace())
	}
}

func (w *consulWatch) pace() time.Duration {
	if w.faulted() {
		return checksFault
	}
	return checksCalm
}

func (w *consulWatch) agentStatuses(checks map[string]*api.AgentCheck) map[string]string {
	m := map[string]string{}
	for _, c := range checks {
		if c.ServiceName == w.service {
			m[c.ServiceID] = worse(m[c.ServiceID], c.Status)
		}
	}
	return m
}

// worse is the more severe of two check statuses; "" is none yet.
func worse(a, b string) string {
	order := []string{"", api.HealthPassing, api.HealthWarning, api.HealthCritical}
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

func (w *consulWatch) tellChecks(a *Agent, was, is map[string]string, checks map[string]*api.AgentCheck) {
	for _, id := range changes(was, is) {
		sev := timeline.Good
		if is[id] != api.HealthPassing {
			sev = timeline.Warn
		}
		w.log.Append(timeline.Event{
			Type: timeline.ConsulCheckChanged, Src: timeline.Agent(a.Name), On: []string{timeline.Replica(id)}, Sev: sev,
			Msg: "check " + describe([]string{id}, was, is),
			D:   timeline.CheckChange{Replica: id, From: was[id], To: is[id], Output: output(checks, id)},
		})
	}
}

func output(checks map[string]*api.AgentCheck, id string) string {
	for _, c := range checks {
		if c.ServiceID == id && c.Status != api.HealthPassing {
			return c.Output
		}
	}
	return ""
}

// tellLeader tells of another leader than before, and an agent's new process of the same one:
// with the old process went what it knew.
func (w *consulWatch) tellLeader(ctx context.Context, a *Agent, was string, anew bool) string {
	leader, err := a.leader(ctx)
	if err != nil || w.agents.dead(leader) {
		leader = ""
	}
	switch {
	case leader == was && (leader == "" || !anew):
	case leader == "":
		msg := "Consul has no leader"
		if w.agents.witness() != a {
			msg = a.Name + " knows no leader" // the others may
		}
		w.tell(a, timeline.ConsulLeaderLost, timeline.Bad, msg, nil)
	default:
		d := timeline.Leader{Addr: leader, Name: w.agents.named(leader)}
		w.tell(a, timeline.ConsulLeaderElected, timeline.Good, "Consul leader is "+cmp.Or(d.Name, leader), d)
	}
	return leader
}

func (w *consulWatch) tellReachable(a *Agent, err error) {
	if err == nil {
		w.tell(a, timeline.ConsulBack, timeline.Good, a.Name+" answers again", nil)
		return
	}
	msg := fmt.Sprintf("%s does not answer: %v", a.Name, err)
	if forbidden(err) {
		msg = fmt.Sprintf("%s answers, but not the observers: %v; they take service:read on %q, node:read and agent:read", a.Name, err, w.service)
	}
	w.tell(a, timeline.ConsulUnreachable, timeline.Bad, msg, nil)
}

func (w *consulWatch) tell(a *Agent, t timeline.Type, sev timeline.Sev, msg string, d any) {
	name := timeline.Agent(a.Name)
	w.log.Append(timeline.Event{Type: t, Src: name, On: []string{name}, Sev: sev, Msg: msg, D: d})
}

// changes lists, sorted, the keys whose values differ.
func changes(was, is map[string]string) []string {
	var keys []string
	for k, v := range is {
		if was[k] != v {
			keys = append(keys, k)
		}
	}
	for k := range was {
		if _, still := is[k]; !still {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

func describe(ids []string, was, is map[string]string) string {
	var list []string
	for _, id := range ids {
		list = append(list, id+" "+orAbsent(was[id])+" → "+orAbsent(is[id]))
	}
	return timeline.Few(list, ", ")
}

func orAbsent(status string) string {
	if status == "" {
		return "absent"
	}
	return status
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
