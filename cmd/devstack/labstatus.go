package main

import (
	"os"
	"path/filepath"
	"time"

	"devstack/control"
	"devstack/stack"
	"devstack/timeline"
	"devstack/view"
)

// Status is the fold of the events so far. It costs what happened since the last one.
func (l *lab) Status() control.Status {
	l.mu.Lock()
	running, retiring := l.stack, l.retiring || l.ctx.Err() != nil
	l.mu.Unlock()
	l.folding.Lock()
	defer l.folding.Unlock()
	for _, e := range l.sess.Log.After(l.state.Seq) {
		l.state.Add(e)
	}
	now := l.sess.Log.At(time.Now())
	s := control.Status{
		Run: filepath.Base(l.sess.Dir), Dir: l.sess.Dir, PID: os.Getpid(), State: control.Starting,
		T: now, Seq: l.state.Seq, Channel: l.state.Channel,
		Replicas: replicaStatus(&l.state, running), Traffic: trafficStatus(l.state.Traffic, now), Faults: openFaults(l.state.Faults, now),
	}
	if running != nil {
		s.State, s.Target = control.Running, running.Target()
		s.Consul.ConsulAddrs = running.Agent().Addrs()
	}
	if retiring {
		s.State = control.Stopping
	}
	s.Consul.Process, s.Consul.Answers, s.Consul.Leader = l.state.Consul.Process, l.state.Consul.Answers, l.state.Consul.Leader
	if l.state.Cluster() {
		s.Consul.Agents = agentStatus(l.state.Agents)
	}
	return s
}

func agentStatus(agents []view.Agent) []control.Agent {
	var out []control.Agent
	for _, a := range agents {
		out = append(out, control.Agent{
			AgentInfo: timeline.AgentInfo{Name: a.Name, Role: a.Role, DC: a.DC, HTTP: a.Addr, PID: a.PID},
			Process:   a.Process, Raft: a.Raft, Term: a.Term, Index: a.Index, Alive: a.Alive(), Members: len(a.Members),
		})
	}
	return out
}

// replicaStatus is the ladder of the replicas that the stack has now: one that was scaled
// away is history.
func replicaStatus(state *view.State, running *stack.Stack) []control.Replica {
	shares := state.Shares()
	out := []control.Replica{}
	ours := map[string]bool{}
	if running != nil {
		for _, name := range replicaNames(running) {
			ours[name] = true
		}
	}
	for _, r := range state.Replicas {
		if running != nil && !ours[r.Name] {
			continue
		}
		out = append(out, control.Replica{
			Name: r.Name, PID: r.PID, Addr: r.Addr, Process: r.Process, DC: r.DC, Catalog: r.Entry(),
			Subchannel: r.Subchannel, Picked: r.Picked, Share: shares[r.Name], OK: r.OK, Failed: r.Failed,
		})
	}
	return out
}

// lastSecond is a second of ticks, and the jitter of one.
const lastSecond = 1.1

func trafficStatus(t view.Traffic, now float64) control.Traffic {
	out := control.Traffic{Offered: t.Offered, Rate: t.Rate, OK: t.OK, Failed: t.Failed, Even: t.Even}
	for i := len(t.History) - 1; i >= 0 && now-t.History[i].T < lastSecond; i-- {
		out.OKLast += t.History[i].OK
		out.FailedLast += t.History[i].Failed
	}
	return out
}

func openFaults(open []view.OpenFault, now float64) []control.OpenFault {
	out := []control.OpenFault{}
	for _, f := range open {
		o := control.OpenFault{Fault: f.Fault, Since: f.Since}
		if f.TTL > 0 {
			left := max(0, f.Since+f.TTL-now)
			o.Left = &left
		}
		out = append(out, o)
	}
	return out
}
