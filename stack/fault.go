package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"devstack/timeline"
)

// Order asks for a fault. Targets are names of replicas. Those of a fault of Consul are names
// of agents or words for them (see Stack.AgentWords); none means the one that the client uses.
type Order struct {
	Kind    string
	Targets []string
	Args    map[string]string // what the kind documents, such as latency=300ms
	Step    string            // who ordered it, for the record
	For     time.Duration     // heals by itself after this; 0: only when asked
	Brief   bool              // a fault that is over when it is done is healed then; otherwise it is open until asked, as others are

	agents []*Agent // that Targets mean, for a fault of Consul
}

// kind is one way to break something. inject returns how to undo it.
type kind struct {
	name   string
	about  string
	consul bool // its subject is the Consul agent, not replicas
	middle bool // its subject is the process between client and replicas
	leader bool // its only possible target is the leader of the client's datacenter
	once   bool // it is over when it is done
	args   []argument
	usual  map[string]string             // arguments of an order that does not give them
	fits   func(s *Stack, o Order) error // why this stack cannot have it; nil: any can
	inject func(ctx context.Context, s *Stack, o Order) (undo func(context.Context) error, err error)
}

// ErrUnknownFault is what an order for a kind meets that does not exist.
var ErrUnknownFault = errors.New("unknown fault")

// Kinds describes every fault that can be ordered, by name.
func Kinds() map[string]string {
	m := map[string]string{}
	for _, k := range kinds() {
		m[k.name] = k.about
	}
	return m
}

func kindOf(name string) (kind, error) {
	for _, k := range kinds() {
		if k.name == name {
			return k, nil
		}
	}
	return kind{}, fmt.Errorf("%w %q (have %v)", ErrUnknownFault, name, slices.Sorted(maps.Keys(Kinds())))
}

// faults keeps what is broken now. The zero value needs init.
type faults struct {
	path string

	mu       sync.Mutex
	last     int
	active   map[int]*active
	done     bool
	snapshot []byte // of the servers, as last saved
	timers   sync.WaitGroup
	stops    []context.CancelFunc // of the loops
	loops    sync.WaitGroup
}

type active struct {
	d     timeline.Fault
	on    []string
	undo  func(context.Context) error
	timer *time.Timer // of the time limit, or until a heal that did not work is tried again
	tries int         // heals that did not work
	heal  sync.Mutex  // one heal at a time; undo is nil once it has worked
}

func (f *faults) init(dir string) {
	f.path = filepath.Join(dir, timeline.FaultsFile)
	f.active = map[int]*active{}
}

// open reports whether anything is broken now.
func (f *faults) open() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.active) > 0
}

// close lets no time limit fire any more, ends the loops, and waits for both.
func (f *faults) close() {
	f.mu.Lock()
	f.done = true
	for _, a := range f.active {
		f.stopTimer(a)
	}
	f.mu.Unlock()
	f.timers.Wait()
	f.endLoops()
}

func (f *faults) stopTimer(a *active) {
	if a.timer != nil && a.timer.Stop() {
		f.timers.Done()
	}
	a.timer = nil
}

// record appends what is about to happen, or has, to the undo record and syncs it, so
// that it is on disk before the fault is in the world.
func (f *faults) record(state string, d timeline.Fault) error {
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write the undo record: %w", err)
	}
	defer file.Close()
	line, err := json.Marshal(struct {
		State string `json:"state"`
		timeline.Fault
	}{state, d})
	if err != nil {
		return err
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write the undo record: %w", err)
	}
	return file.Sync()
}

// Inject breaks something and returns the fault, whose ID Heal takes. The fault.injected
// event is stamped right before the deed, so that no consequence comes before its cause.
func (s *Stack) Inject(ctx context.Context, o Order) (timeline.Fault, error) {
	k, err := kindOf(o.Kind)
	if err != nil {
		return timeline.Fault{}, err
	}
	if err := s.checkOrder(ctx, k, &o); err != nil {
		return timeline.Fault{}, err
	}
	f, a := &s.faults, s.faults.enter(k, o)
	if err := f.record("intended", a.d); err != nil {
		return a.d, err
	}
	f.mu.Lock()
	f.active[a.d.ID] = a
	f.mu.Unlock()
	s.tellFault(timeline.FaultInjected, timeline.Bad, describeFault(a.d), a)
	undo, err := k.inject(ctx, s, o)
	if err != nil {
		f.forget(a)
		a.d.Error = err.Error()
		s.tellFault(timeline.FaultFailed, timeline.Bad, fmt.Sprintf("%s did not happen: %v", a.d.Kind, err), a)
		return a.d, fmt.Errorf("%s: %w", faultName(a.d), err)
	}
	a.undo = undo
	if a.d.Once {
		return a.d, s.Heal(ctx, a.d.ID)
	}
	s.limit(a, o.For)
	return a.d, nil
}

// enter gives the order for a fault of kind k its number.
func (f *faults) enter(k kind, o Order) *active {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	a := &active{d: timeline.Fault{ID: f.last, Kind: o.Kind, Targets: o.Targets, Step: o.Step, TTL: o.For.Seconds(), Detail: detail(o)}}
	if o.Brief && k.once {
		a.d.Once, a.d.TTL = true, 0
	}
	switch {
	case k.consul:
		for _, name := range o.Targets {
			a.on = append(a.on, timeline.Agent(name))
		}
	case k.middle:
		a.on, a.d.Targets = []string{middleName}, []string{middleName}
	default:
		a.on = subjects(o.Targets)
	}
	return a
}

func (s *Stack) checkOrder(ctx context.Context, k kind, o *Order) error {
	for _, name := range slices.Sorted(maps.Keys(o.Args)) {
		if err := CheckArgument(k.name, name, o.Args[name]); err != nil {
			return err
		}
	}
	o.Args = withUsual(o.Args, k.usual)
	if k.consul {
		if err := s.nameAgents(ctx, k, o); err != nil {
			return err
		}
		return s.fits(k, *o)
	}
	if k.middle {
		if s.middle == nil {
			return fmt.Errorf("fault %s: nothing stands between client and replicas (via %s)", k.name, s.cfg.Via)
		}
		return nil
	}
	if len(o.Targets) == 0 {
		return fmt.Errorf("fault %s needs a replica", k.name)
	}
	if err := s.nameFavourite(o); err != nil {
		return err
	}
	for _, name := range o.Targets {
		if _, err := s.replica(name); err != nil {
			return err
		}
	}
	return s.fits(k, *o)
}

// fits says why the stack, as it was set up, cannot have such a fault.
func (s *Stack) fits(k kind, o Order) error {
	if k.fits == nil {
		return nil
	}
	if err := k.fits(s, o); err != nil {
		return fmt.Errorf("fault %s: %w", k.name, err)
	}
	return nil
}

// nameAgents puts the agents that the order means in place of its words for them.
func (s *Stack) nameAgents(ctx context.Context, k kind, o *Order) error {
	words := o.Targets
	switch {
	case len(words) == 0 && k.leader && !s.Agent().foreign():
		words = []string{"leader"}
	case len(words) == 0:
		words = []string{""}
	}
	o.Targets = nil
	for _, word := range words {
		found, err := s.agents.find(ctx, word)
		if err != nil {
			return err
		}
		for _, a := range found {
			if _, err := a.process(); err != nil {
				return err
			}
			o.Targets = append(o.Targets, a.Name)
		}
		o.agents = append(o.agents, found...)
	}
	if k.leader {
		return s.onlyLeader(ctx, k, o.agents)
	}
	return nil
}

// onlyLeader refuses targets of a fault that is the leader's to carry out, whoever is asked.
func (s *Stack) onlyLeader(ctx context.Context, k kind, agents []*Agent) error {
	leader, err := s.agents.leader(ctx, homeDC)
	if err != nil {
		return fmt.Errorf("fault %s: %w", k.name, err)
	}
	for _, a := range agents {
		if a != leader {
			return fmt.Errorf("fault %s is the leader's, which is %s, and not %s", k.name, leader.Name, a.Name)
		}
	}
	return nil
}

// withUsual is args, and those of usual that are not among them.
func withUsual(args, usual map[string]string) map[string]string {
	if len(usual) == 0 {
		return args
	}
	all := maps.Clone(usual)
	maps.Copy(all, args)
	return all
}

// Favourite as a target means the replica that most calls go to.
const Favourite = "favourite"

func (s *Stack) nameFavourite(o *Order) error {
	at := slices.Index(o.Targets, Favourite)
	if at < 0 {
		return nil
	}
	name := s.first().traffic.favourite()
	if name == "" {
		return errors.New("no replica was called yet, so there is no favourite")
	}
	o.Targets = slices.Clone(o.Targets)
	o.Targets[at] = name
	return nil
}

func detail(o Order) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(o.Args)) {
		list = append(list, k+"="+o.Args[k])
	}
	return strings.Join(list, " ")
}

// faultName is what is done to whom: kill greeter-1, greeter-2.
func faultName(d timeline.Fault) string {
	return strings.TrimSpace(d.Kind + " " + strings.Join(d.Targets, ", "))
}

// describeFault is the same with its settings.
func describeFault(d timeline.Fault) string {
	if d.Detail != "" {
		return faultName(d) + " (" + d.Detail + ")"
	}
	return faultName(d)
}

func (f *faults) forget(a *active) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.active, a.d.ID)
	f.stopTimer(a)
}

// Open lists the faults that are injected now, oldest first.
func (s *Stack) Open() []timeline.Fault {
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []timeline.Fault
	for _, id := range slices.Sorted(maps.Keys(f.active)) {
		out = append(out, f.active[id].d)
	}
	return out
}

func (s *Stack) tellFault(t timeline.Type, sev timeline.Sev, msg string, a *active) {
	s.log.Append(timeline.Event{Type: t, Src: "supervisor", On: a.on, Sev: sev, Msg: msg, D: a.d})
}
