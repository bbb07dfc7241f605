package stack

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"devstack/stack/proc"
	"devstack/timeline"
)

// replicaGrace is added to a replica's own drain limit before it is killed.
const replicaGrace = 2 * time.Second

// Replica is one greeter process. It keeps its name over restarts; its address changes.
type Replica struct {
	Name string

	stack *Stack
	agent *Agent // that it registers with
	cfg   Config

	weight int // in Consul, 0 for its default

	mu        sync.Mutex
	starts    int
	child     *proc.Child
	addr      string        // where callers reach it
	own       string        // where the process itself listens; the same without links
	links     links         // before the present child
	listening chan struct{} // closed when the present child listens
}

func newReplica(s *Stack, name string, agent *Agent) *Replica {
	r := &Replica{Name: name, stack: s, agent: agent, cfg: s.cfg}
	if n := len(s.cfg.Checks); n > 0 {
		r.cfg.Check.Kind = s.cfg.Checks[(ordinal(name)-1)%n]
	}
	if n := len(s.cfg.Replica.WeightsInTurn); n > 0 {
		r.weight = s.cfg.Replica.WeightsInTurn[(ordinal(name)-1)%n]
	}
	if n := len(s.cfg.Replica.TagsInTurn); n > 0 {
		r.cfg.Replica.Tags = []string{s.cfg.Replica.TagsInTurn[(ordinal(name)-1)%n]}
	}
	return r
}

// start runs the replica's process, for the first time or again. It does not wait for it.
func (r *Replica) start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.child != nil && r.child.Running() {
		return fmt.Errorf("start %s: it is running (pid %d)", r.Name, r.child.PID())
	}
	listening := make(chan struct{})
	r.starts++
	if r.cfg.Links {
		before, err := openLinks()
		if err != nil {
			return fmt.Errorf("start %s: %w", r.Name, err)
		}
		r.links = before
	}
	links := r.links
	child, err := proc.Start(proc.Spec{
		Name: r.Name, Path: r.cfg.Self, Args: r.args(), Env: append(r.agent.security.env(r.cfg.Consul, partReplicas), proc.QuickStart), LogPath: r.cfg.logPath(r.Name),
		OnNote: func(n proc.Note) { r.heard(n, listening) },
	})
	if err != nil {
		links.close()
		return err
	}
	r.child, r.addr, r.listening = child, "", listening
	r.stack.note(timeline.ReplicaStarted, timeline.Info, r.Name, fmt.Sprintf("%s started, pid %d", r.Name, child.PID()),
		timeline.Process{PID: child.PID(), Log: r.cfg.logPath(r.Name), DC: r.away()})
	r.stack.wg.Go(func() {
		r.reportExit(child)
		links.close() // a dead process's port refuses
	})
	return nil
}

func (r *Replica) reportExit(child *proc.Child) {
	exit := child.Exit()
	sev, d := exitFact(exit)
	r.stack.note(timeline.ReplicaExited, sev, r.Name, fmt.Sprintf("%s ended: %s", r.Name, exit.Status), d)
}

// args is the command line of the child: one `devstack greeter serve`.
func (r *Replica) args() []string {
	c, consul := r.cfg, r.agent.HTTP()
	if r.registers() {
		consul = "none"
	}
	args := []string{"greeter", "serve", "--name", r.Name, "--service", c.Service, "--consul", consul,
		"--check", string(c.Check.Kind), "--interval", c.Check.Interval.String(), "--timeout", c.Check.Timeout.String(),
		"--ttl", c.Check.TTL.String(), "--stop", c.Replica.StopOrder.String(), "--settle", c.Replica.Settle.String()}
	optional := map[string]string{
		"--id": r.id(), "--drain": positive(c.Replica.Drain), "--warm-up": positive(c.Replica.WarmUp),
		"--service-time": positive(c.Replica.Capacity.ServiceTime),
		"--max-age":      positive(c.Replica.MaxAge), "--max-age-grace": positive(c.Replica.MaxAgeGrace),
		"--deregister-after": positive(c.Check.DeregisterAfter), "--initial-status": c.Check.InitialStatus,
	}
	for flag, n := range map[string]int{
		"--failures-before-critical": c.Check.FailuresBeforeCritical, "--success-before-passing": c.Check.SuccessBeforePassing,
		"--handlers": c.Replica.Capacity.Handlers, "--queue": c.Replica.Capacity.Queue, "--weight": r.weight,
	} {
		if n > 0 {
			optional[flag] = fmt.Sprint(n)
		}
	}
	if r.cfg.Links {
		optional["--advertise"], optional["--check-address"] = r.links.service.Addr(), r.links.check.Addr()
	}
	for flag, value := range optional {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	if c.Replica.RegisterFirst {
		args = append(args, "--register-first")
	}
	for _, tag := range c.Replica.Tags {
		args = append(args, "--tag", tag)
	}
	return args
}

// away is the replica's datacenter, "" when it is the client's own.
func (r *Replica) away() string {
	if r.agent.DC == homeDC {
		return ""
	}
	return r.agent.DC
}

// id is the service ID when it is not the replica's name.
func (r *Replica) id() string {
	if r.cfg.Replica.FreshID {
		return fmt.Sprintf("%s-start-%d", r.Name, r.starts)
	}
	return r.cfg.Replica.FixedID
}

func positive(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return d.String()
}

// heard turns what the child tells into facts. It is called in order, from one goroutine.
func (r *Replica) heard(n proc.Note, listening chan struct{}) {
	switch n.Kind {
	case proc.Listening:
		r.mu.Lock()
		r.addr, r.own = n.Addr, n.Addr
		d := timeline.Process{PID: r.child.PID(), Addr: n.Addr}
		if r.links.service != nil {
			r.links.lead(n.Addr)
			r.addr = r.links.service.Addr()
			d.Addr, d.Behind = r.addr, r.own
		}
		r.mu.Unlock()
		r.stack.names.put(d.Addr, r.Name)
		r.stack.note(timeline.ReplicaListening, timeline.Info, r.Name, fmt.Sprintf("%s listens on %s", r.Name, d.Addr), d)
		close(listening)
	case "registered", "re-registered":
		r.stack.note(timeline.ReplicaRegistered, timeline.Info, r.Name, fmt.Sprintf("%s is %s with Consul", r.Name, n.Kind), nil)
	case "draining":
		r.stack.note(timeline.ReplicaDraining, timeline.Info, r.Name, r.Name+" is draining", nil)
	case "behaviour-changed":
		r.stack.note(timeline.ReplicaBehaved, timeline.Warn, r.Name, r.Name+" changed its behaviour", nil)
	case "forbidden":
		r.stack.note(timeline.LogLine, timeline.Bad, r.Name, fmt.Sprintf("%s: %s", r.Name, n.Err), nil)
		r.stack.forbid(n.Err)
	case "forgotten", "refused", "consul-lost", "consul-found", "calls-cut-off":
		r.stack.note(timeline.LogLine, timeline.Warn, r.Name, r.Name+": "+noteWords(n), nil)
	}
}

// await waits until the replica listens, and is registered if that is not its own task. One that dies first is the error, and brings its
// last lines.
func (r *Replica) await(ctx context.Context) error {
	if err := r.awaitListening(ctx); err != nil {
		return err
	}
	return r.enrol(ctx)
}

func (r *Replica) awaitListening(ctx context.Context) error {
	r.mu.Lock()
	child, listening := r.child, r.listening
	r.mu.Unlock()
	select {
	case <-listening:
		return nil
	case <-child.Done():
		exit := child.Exit()
		return fmt.Errorf("wait for %s to listen: %w", r.Name, &exit)
	case <-ctx.Done():
		return fmt.Errorf("wait for %s to listen: %w", r.Name, context.Cause(ctx))
	}
}

// Info is the replica's name, present address and process.
func (r *Replica) Info() timeline.ReplicaInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := timeline.ReplicaInfo{ID: r.Name, Addr: r.addr}
	if r.child != nil {
		info.PID = r.child.PID()
	}
	return info
}

// itself is where the process listens, whatever stands before it.
func (r *Replica) itself() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.own
}

func (r *Replica) process() *proc.Child {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.child
}

// Running reports whether the replica has a process, paused or not.
func (r *Replica) Running() bool {
	child := r.process()
	return child != nil && child.Running()
}

func (r *Replica) stop(now <-chan struct{}) {
	if child := r.process(); child != nil {
		child.Stop(r.grace(), now)
	}
}

func (r *Replica) grace() time.Duration {
	return r.cfg.Replica.Settle + max(r.cfg.Replica.Drain, time.Second) + replicaGrace
}

// names knows which replica an address belongs to. A restarted replica has a new address
// and the old one stays known, because late facts still speak of it.
type names struct {
	mu     sync.RWMutex
	byAddr map[string]string
}

func (n *names) put(addr, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byAddr == nil {
		n.byAddr = map[string]string{}
	}
	n.byAddr[addr] = name
}

// of is the name behind addr, or addr itself when nobody we know lives there.
func (n *names) of(addr string) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if name, ok := n.byAddr[addr]; ok {
		return name
	}
	return addr
}

func (n *names) all(addrs []string) []string {
	out := make([]string, 0, len(addrs))
	for _, a := range addrs {
		out = append(out, n.of(a))
	}
	slices.Sort(out)
	return out
}
