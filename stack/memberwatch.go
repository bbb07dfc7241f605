package stack

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/stack/proc"
	"devstack/timeline"
)

// How often an agent of several is asked what it knows of Raft and gossip. Nobody's
// waterfall is made of it.
const (
	membersCalm  = 500 * time.Millisecond
	membersFault = 100 * time.Millisecond
	indexEvery   = time.Second // how often a report comes that only has a newer index
)

// watchMember tells what a says of Raft and of its fellow agents, until ctx ends. An agent
// that does not answer says nothing; its end or its pause is told by others.
func (w *consulWatch) watchMember(ctx context.Context, a *Agent) {
	var last timeline.AgentReport
	var told time.Time
	var of *proc.Child // that the last report is about
	for ctx.Err() == nil {
		if child, _ := a.process(); child != of {
			last, of = timeline.AgentReport{}, child // with the old process went what it knew
		}
		if a.Running() {
			ask, cancel := context.WithTimeout(ctx, 2*time.Second)
			report, err := a.report(ask)
			cancel()
			if err == nil && changed(last, report, time.Since(told)) {
				w.tellMember(a, last, report)
				last, told = report, time.Now()
			}
		}
		pause := membersCalm
		if w.faulted() {
			pause = membersFault
		}
		sleep(ctx, pause)
	}
}

// changed is true of news; a new index alone is news only after indexEvery.
func changed(was, is timeline.AgentReport, age time.Duration) bool {
	moved := was.Index != is.Index
	was.Index = is.Index
	return !reflect.DeepEqual(was, is) || moved && age >= indexEvery
}

// report asks a about itself.
func (a *Agent) report(ctx context.Context) (timeline.AgentReport, error) {
	r := timeline.AgentReport{Role: string(a.Role), DC: a.DC, Members: map[string]string{}}
	self, err := a.self(ctx)
	if err != nil {
		return r, err
	}
	if raft, ok := self["Stats"]["raft"].(map[string]any); ok {
		r.Raft, _ = raft["state"].(string)
		r.Term = number(raft["term"])
		r.Index = number(raft["applied_index"])
		r.Silent = silence(raft["last_contact"])
	}
	var members []api.AgentMember
	if _, err := a.eyes.Raw().Query("/v1/agent/members", &members, (&api.QueryOptions{}).WithContext(ctx)); err != nil {
		return r, fmt.Errorf("ask %s for its members: %w", a.Name, err)
	}
	for _, m := range members {
		r.Members[m.Name] = memberStatus(m.Status)
	}
	return r, nil
}

// self is what the agent says about itself. The API's own Self cannot be given up, and a
// paused agent never answers it.
func (a *Agent) self(ctx context.Context) (map[string]map[string]any, error) {
	var self map[string]map[string]any
	if _, err := a.eyes.Raw().Query("/v1/agent/self", &self, (&api.QueryOptions{}).WithContext(ctx)); err != nil {
		return nil, fmt.Errorf("ask %s about itself: %w", a.HTTP(), err)
	}
	return self, nil
}

// memberStatus names a gossip member's status, in the order that Serf numbers them in.
func memberStatus(n int) string {
	names := []string{"none", "alive", "leaving", "left", "failed"}
	if n < 0 || n >= len(names) {
		return "unknown"
	}
	return names[n]
}

// silence is Raft's last contact in whole seconds; the leader has none, nor has who never met one.
func silence(v any) int {
	text, _ := v.(string)
	d, _ := time.ParseDuration(text)
	return int(d.Seconds())
}

func number(v any) uint64 {
	text, _ := v.(string)
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}

func (w *consulWatch) tellMember(a *Agent, was, is timeline.AgentReport) {
	msg, sev := "", timeline.Info
	switch {
	case is.Raft != was.Raft && is.Raft != "":
		msg = fmt.Sprintf("%s is %s in term %d", a.Name, is.Raft, is.Term)
	case is.Silent > was.Silent:
		msg = fmt.Sprintf("%s has not heard from a leader for %d s", a.Name, is.Silent)
		sev = timeline.Warn
	case !maps.Equal(was.Members, is.Members) && len(was.Members) > 0:
		msg = a.Name + " sees " + describe(changes(was.Members, is.Members), was.Members, is.Members)
		sev = timeline.Warn
	}
	w.tell(a, timeline.ConsulAgentReported, sev, msg, is)
}
