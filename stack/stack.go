package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"devstack/timeline"
)

// Stack is a running environment. Its methods may be called concurrently.
type Stack struct {
	cfg     Config
	log     *timeline.Log
	agents  *cluster
	names   *names
	clients []*client
	herd    *herd // nil without one
	calls   *callRecord
	middle  *middleman // nil when the client reaches the replicas itself
	faults  faults
	noise   *noise

	mu       sync.Mutex
	replicas []*Replica

	background context.CancelFunc // ends watchers and load
	loading    context.CancelFunc
	loaded     sync.WaitGroup // the load
	watched    sync.WaitGroup // the observers
	wg         sync.WaitGroup // one per child, and the faults' time limits

	forbidden chan string // why a replica may not register, at most one

	closing sync.Once
	closed  chan struct{}
	now     chan struct{} // closed when there is no more patience
	nowOnce sync.Once
}

// startsPerCore is how many replicas may be on their way to listening, per processor. A
// start is pure computing; a hundred at a time take a third more of it each than a few at
// a time, and leave Consul nothing to elect its leader with.
const startsPerCore = 2

// startPatience bounds a start; every hundred replicas add to it.
const startPatience = 30 * time.Second

// Start brings a stack up and returns when it answers and every replica takes its part.
// On an error nothing is left running. ctx bounds the start, not the life of the stack.
func Start(ctx context.Context, cfg Config) (*Stack, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if err := cfg.prepare(); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		s, err := start(ctx, cfg)
		// Another stack may win a port that was free when we looked.
		if errors.Is(err, ErrPortTaken) && !errors.Is(err, errPinned) && try < 3 {
			continue
		}
		return s, err
	}
}

func start(ctx context.Context, cfg Config) (s *Stack, err error) {
	patience := startPatience + time.Duration(cfg.Replicas)*100*time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s = &Stack{cfg: cfg, log: cfg.Timeline, names: &names{}, forbidden: make(chan string, 1), closed: make(chan struct{}), now: make(chan struct{})}
	s.faults.init(cfg.Dir)
	defer func() {
		if err != nil {
			s.Hurry()
			s.Close()
			s = nil
		}
	}()
	stages := map[string]float64{"main": s.sinceExec()}
	if s.agents, err = planCluster(ctx, cfg); err != nil {
		return s, err
	}
	if err = s.agents.start(); err != nil {
		return s, err
	}
	if err = s.startReplicas(ctx); err != nil {
		return s, err
	}
	stages["leader"] = s.sinceExec()
	s.watch()
	if err = s.awaitReplicas(ctx); err != nil {
		return s, err
	}
	stages["listening"] = s.sinceExec()
	if err = s.prepareClient(ctx); err != nil {
		return s, err
	}
	if err = s.startClients(ctx); err != nil {
		return s, err
	}
	ready := s.sinceExec()
	stages["first_rpc"] = ready
	everybody := func(ctx context.Context) error { return s.agents.untilDeath(ctx, s.awaitEverybody) }
	if err = s.orDeath(ctx, everybody); err != nil {
		return s, err
	}
	stages["all_replicas"] = s.sinceExec()
	if err = s.startHerd(ctx); err != nil {
		return s, err
	}
	s.tellReady(ready, stages)
	s.load()
	return s, nil
}

func (s *Stack) sinceExec() float64 {
	return float64(time.Since(s.cfg.Exec).Microseconds()) / 1000
}

// prepareClient starts what the client needs to reach the replicas.
func (s *Stack) prepareClient(ctx context.Context) error {
	if err := s.prepareQuery(ctx); err != nil {
		return err
	}
	if s.cfg.Resolver == ResolverDNS || s.cfg.Via == ViaTCP {
		// These look once, and what they do not find then they find much later.
		if err := s.awaitCatalog(ctx); err != nil {
			return err
		}
	}
	if s.cfg.Via == ViaDirect {
		return nil
	}
	s.middle = &middleman{stack: s}
	return s.middle.start(ctx)
}

func (s *Stack) awaitCatalog(ctx context.Context) error {
	_, err := s.log.Await(ctx, 0, func(e timeline.Event) bool {
		c, ok := timeline.Payload[timeline.CatalogChange](e)
		return ok && s.countOurs(c.Status) >= s.cfg.Replicas
	})
	if err != nil {
		return fmt.Errorf("wait for %d replicas in the catalog: %w", s.cfg.Replicas, err)
	}
	return nil
}

// startReplicas starts them beside an only agent, which knows a leader before they are
// there. A cluster takes longer than they do, and an agent that is asked to register
// somebody before it knows a server tries again only after 15 s and more.
func (s *Stack) startReplicas(ctx context.Context) error {
	if s.agents.many() || s.cfg.Consul.ACL {
		if err := s.agents.await(ctx); err != nil {
			return err
		}
		if err := s.agents.settleHome(ctx); err != nil {
			return err
		}
	}
	var starting []*Replica
	atOnce := startsPerCore * runtime.GOMAXPROCS(0)
	for i := range s.cfg.Replicas * s.cfg.Consul.Datacenters {
		dc := fmt.Sprintf("dc%d", i/s.cfg.Replicas+1)
		r, err := s.addReplica(fmt.Sprintf("%s-%d", s.cfg.Service, i+1), dc)
		if err != nil {
			return err
		}
		starting = append(starting, r)
		if i >= atOnce {
			if err := starting[i-atOnce].awaitListening(ctx); err != nil {
				return err
			}
		}
	}
	return s.agents.await(ctx)
}

// addReplica starts one that registers with the next of its datacenter's hosts in turn.
func (s *Stack) addReplica(name, dc string) (*Replica, error) {
	hosts := s.agents.hosts(dc)
	r := newReplica(s, name, hosts[(ordinal(name)-1)%len(hosts)])
	s.mu.Lock()
	s.replicas = append(s.replicas, r)
	s.mu.Unlock()
	return r, r.start()
}

func (s *Stack) awaitReplicas(ctx context.Context) error {
	for _, r := range s.all() {
		if err := r.await(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ErrForbidden is what a part meets whose token lacks a permission.
var ErrForbidden = errors.New("permission denied")

// forbid tells a start that waits for the replicas why one of them cannot register.
func (s *Stack) forbid(why string) {
	select {
	case s.forbidden <- why:
	default:
	}
}

// orDeath runs f, and gives up with the last words of a replica that died meanwhile, or that
// a Consul of somebody else's refuses.
func (s *Stack) orDeath(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, r := range s.all() {
		child := r.process()
		s.wg.Go(func() {
			select {
			case <-child.Done():
				exit := child.Exit()
				cancel(&exit)
			case <-ctx.Done():
			}
		})
	}
	if s.Agent().foreign() { // a Consul of our own comes to know its tokens
		s.wg.Go(func() {
			select {
			case why := <-s.forbidden:
				cancel(fmt.Errorf("%w: %s", ErrForbidden, why))
			case <-ctx.Done():
			}
		})
	}
	err := f(ctx)
	cause := context.Cause(ctx)
	if err != nil && errors.Is(cause, ErrForbidden) {
		return cause // all else follows from it
	}
	if err != nil && cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// usesFew are the policies that do not connect to every replica.
var usesFew = map[string]bool{"pick_first": true, "ring_hash": true, "random_subsetting": true}

// awaitEverybody waits until the catalog has every replica and, under a policy that uses
// all of them, every client's picker too.
func (s *Stack) awaitEverybody(ctx context.Context) error {
	want := s.cfg.Replicas
	if s.cfg.Replica.FixedID != "" {
		want = 1
	}
	passing, ready := 0, 0
	pickers := map[string]int{} // of each client
	_, err := s.log.Await(ctx, 0, func(e timeline.Event) bool {
		if c, ok := timeline.Payload[timeline.CatalogChange](e); ok {
			passing = s.countOurs(c.Status)
		}
		if p, ok := timeline.Payload[timeline.Picker](e); ok {
			pickers[e.Src] = len(p.Ready)
			ready = len(p.Ready)
			for _, c := range s.clients {
				ready = min(ready, pickers[c.voice.name])
			}
		}
		return passing >= want && (ready >= want || ready > 0 && usesFew[s.cfg.Policy])
	})
	if err != nil {
		return fmt.Errorf("wait for %d replicas (%d passing in Consul, %d ready in the channel): %w", want, passing, ready, err)
	}
	return nil
}

func (s *Stack) countOurs(status map[string]string) int {
	n := 0
	for _, st := range status {
		if st == "passing" {
			n++
		}
	}
	return n
}

// watch starts the observers.
func (s *Stack) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	s.background = cancel
	w := &consulWatch{agents: s.agents, service: s.cfg.Service, log: s.log, faulted: s.faults.open}
	s.watched.Go(func() { w.run(ctx) })
	s.noise = &noise{log: s.log}
	s.watched.Go(func() { s.noise.run(ctx) })
}

func (s *Stack) tellReady(ms float64, stages map[string]float64) {
	d := timeline.Ready{
		Consul: s.Agent().Addrs(), Dashboard: s.cfg.Dashboard, Target: s.Target(), ReadyMS: ms, StagesMS: stages, Replicas: []timeline.ReplicaInfo{},
	}
	for _, r := range s.all() {
		d.Replicas = append(d.Replicas, r.Info())
	}
	for _, a := range s.agents.agents {
		if child, err := a.process(); err == nil {
			d.ConsulPIDs = append(d.ConsulPIDs, child.PID())
		}
		if s.agents.many() {
			d.Agents = append(d.Agents, a.Info())
		}
	}
	s.log.Append(timeline.Event{
		Type: timeline.StackReady, Src: "supervisor", Sev: timeline.Good,
		Msg: fmt.Sprintf("ready in %.0f ms: %d replicas behind %s", ms, len(d.Replicas), d.Target), D: d,
	})
}

// Target is what a gRPC client dials to reach the service.
func (s *Stack) Target() string {
	if s.middle != nil {
		return "passthrough:///" + s.middle.addr
	}
	return s.consulTarget()
}

func (s *Stack) consulTarget() string {
	var hosts []string
	for _, a := range s.agents.asked() {
		hosts = append(hosts, a.HTTP())
	}
	u := url.URL{Scheme: "consul", Host: strings.Join(hosts, ","), Path: s.cfg.path(), RawQuery: s.cfg.Query}
	if s.cfg.Consul.TLS {
		u.RawQuery = strings.Trim("scheme=https&"+s.cfg.Query, "&")
	}
	return u.String()
}

// Config is the resolved configuration.
func (s *Stack) Config() Config { return s.cfg }

// Timeline is where the stack's facts go.
func (s *Stack) Timeline() *timeline.Log { return s.log }

// Agent is the Consul agent that the client and the observers use.
func (s *Stack) Agent() *Agent { return s.agents.home() }

// AgentWords are the names of the Consul agents, and the words that a fault of Consul may
// name one by.
func (s *Stack) AgentWords() []string { return s.agents.words() }

// SyncStaggerLeft is how much of SyncStagger is left for the agent that needs it longest.
func (s *Stack) SyncStaggerLeft() time.Duration {
	var left time.Duration
	for _, a := range s.agents.agents {
		left = max(left, a.SyncStaggerLeft())
	}
	return left
}

// Replicas lists name, address and process of each replica, in order of their birth.
func (s *Stack) Replicas() []timeline.ReplicaInfo {
	var out []timeline.ReplicaInfo
	for _, r := range s.all() {
		out = append(out, r.Info())
	}
	return out
}

// Running lists the names of the replicas that have a process, in order of their birth.
func (s *Stack) Running() []string {
	var out []string
	for _, r := range s.all() {
		if r.Running() {
			out = append(out, r.Name)
		}
	}
	return out
}

func (s *Stack) all() []*Replica {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.replicas)
}

// ErrUnknownReplica is what a name meets that no replica has.
var ErrUnknownReplica = errors.New("no such replica")

func (s *Stack) replica(name string) (*Replica, error) {
	var have []string
	for _, r := range s.all() {
		if r.Name == name {
			return r, nil
		}
		have = append(have, r.Name)
	}
	return nil, fmt.Errorf("%w %q (have %s)", ErrUnknownReplica, name, strings.Join(have, ", "))
}

// note appends a fact about one replica, as the supervisor saw it.
func (s *Stack) note(t timeline.Type, sev timeline.Sev, replica, msg string, d any) {
	s.log.Append(timeline.Event{Type: t, Src: "supervisor", On: []string{timeline.Replica(replica)}, Sev: sev, Msg: msg, D: d})
}

// Noise is the 99th percentile of how late a timer fired in this process so far: the
// machine's own unpunctuality, below which no measurement means anything.
func (s *Stack) Noise() time.Duration { return s.noise.p99() }

// StopLoad ends the calls and waits for those in flight, so that the record of them is
// whole while the rest of the stack still lives.
func (s *Stack) StopLoad() {
	if s.loading != nil {
		s.loading()
	}
	s.loaded.Wait()
}

// Hurry makes a Close that is under way, or comes, kill instead of asking.
func (s *Stack) Hurry() { s.nowOnce.Do(func() { close(s.now) }) }

// Close stops everything in reverse order of its start and waits for the last process.
// Calling it again waits for the first call.
func (s *Stack) Close() {
	s.closing.Do(func() {
		s.faults.close()
		s.StopLoad()
		if s.herd != nil {
			if err := s.herd.close(); err != nil {
				s.cfg.Log.Warn("close the herd", "err", err)
			}
		}
		if err := s.stopClients(); err != nil {
			s.cfg.Log.Warn("close the clients", "err", err)
		}
		if s.middle != nil {
			s.middle.stop(s.now)
		}
		if s.background != nil {
			s.background()
		}
		s.watched.Wait()
		s.stopReplicas()
		if s.agents != nil {
			s.agents.stop(s.now)
		}
		s.wg.Wait()
		close(s.closed)
	})
	<-s.closed
}

func (s *Stack) stopReplicas() {
	var stopping sync.WaitGroup
	for _, r := range s.all() {
		stopping.Go(func() { r.stop(s.now) })
	}
	stopping.Wait()
}
