package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/stack/proc"
	"devstack/timeline"
)

// DefaultHTTPPort is what Consul's own tools look for.
const DefaultHTTPPort = 8500

// agentGrace is how long a Consul agent may take to leave before it is killed.
const agentGrace = 3 * time.Second

// Agent is one Consul agent: a child, or a foreign one that devstack only talks to.
type Agent struct {
	Name string
	Role Role
	DC   string // its datacenter

	cfg      Config
	ports    agentPorts
	claimed  io.Closer // the HTTP port, while this stack lives; nil for a foreign agent
	security security
	client   *api.Client    // acts as the operator
	eyes     *api.Client    // acts as the observer
	pools    []*http.Client // that these two send with
	lan, wan []string       // gossip addresses to join
	ways     agentWays

	mu    sync.Mutex
	child *proc.Child   // nil for a foreign agent
	told  chan struct{} // closed when the child's end is on the record
	led   time.Time     // since when it knows a leader
	exits sync.WaitGroup
}

// SyncStagger is the longest time after a leader's election in which an agent may keep a
// check's change to itself. Consul's anti-entropy sleeps a random part of it, once, when it
// hears of the leader (serverUpIntv in its agent/ae), and pushes no change meanwhile;
// registrations are not affected.
const SyncStagger = 3 * time.Second

// leaderNews is how long the news of the election may take to the agent's own syncer.
const leaderNews = 100 * time.Millisecond

// SyncStaggerLeft is how much of SyncStagger is left. A foreign agent has been up before.
func (a *Agent) SyncStaggerLeft() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.child == nil || a.led.IsZero() {
		return 0
	}
	return max(0, time.Until(a.led.Add(SyncStagger+leaderNews)))
}

type agentPorts struct{ HTTP, DNS, GRPC, Server, SerfLAN, SerfWAN int }

// ErrForeign is what a fault meets that needs the process of an agent that is not ours.
var ErrForeign = errors.New("this Consul was not started by devstack")

// ErrPortTaken means that somebody else listens where Consul was to listen.
var ErrPortTaken = errors.New("port is taken")

// errPinned means that it was asked for that very port, so that no other will do.
var errPinned = errors.New("and no other was asked for")

// ErrNoAnswer means that a Consul that is not ours cannot be reached.
var ErrNoAnswer = errors.New("no answer")

// prepare chooses the agent's ports, none of those that are spoken for; the home agent takes
// the HTTP port that was asked for.
func (a *Agent) prepare(home bool, spoken map[int]bool) error {
	if err := a.choosePorts(home, spoken); err != nil {
		return fmt.Errorf("start %s: %w", a.Name, err)
	}
	return nil
}

// connect makes the clients that devstack itself talks to the agent with.
func (a *Agent) connect() (err error) {
	if a.client, err = a.as(""); err != nil {
		return err
	}
	a.eyes, err = a.as(partObserver)
	return err
}

func (a *Agent) clientConfig() *api.Config {
	c := api.DefaultConfig()
	c.Address = a.HTTP()
	c.Token = cmp.Or(a.cfg.Consul.Token, c.Token)
	if !a.foreign() {
		// The environment speaks of some other Consul; ours has no token and no TLS.
		c.Scheme, c.Token, c.TokenFile, c.HttpAuth = "http", "", "", nil
		c.TLSConfig, c.Namespace, c.Partition, c.Datacenter = api.TLSConfig{}, "", "", ""
		if a.security.ca != nil {
			c.Scheme, c.TLSConfig.CAFile = "https", a.security.ca.file()
		}
	}
	return c
}

func (a *Agent) choosePorts(home bool, spoken map[int]bool) (err error) {
	if home {
		err = a.claimHTTP()
	} else {
		a.ports.HTTP, a.claimed, err = claimAny()
	}
	if err != nil {
		return err
	}
	if err := a.openWays(); err != nil {
		return err
	}
	for _, p := range a.ports.list() {
		held := p == &a.ports.HTTP || p == &a.ports.Server && a.ways.crossing != nil
		for *p == 0 || !held && spoken[*p] {
			if *p, err = freePort(); err != nil {
				return err
			}
		}
		spoken[*p] = true
	}
	return nil
}

// claimHTTP takes the port that was asked for, or else the one that Consul's own tools look
// for, or else any.
func (a *Agent) claimHTTP() (err error) {
	want := cmp.Or(a.cfg.Consul.HTTPPort, DefaultHTTPPort)
	if a.claimed, err = claim(want); err == nil {
		a.ports.HTTP = want
		return nil
	}
	if a.cfg.Consul.HTTPPort != 0 {
		return fmt.Errorf("HTTP port %d: %w, %w", want, err, errPinned)
	}
	a.ports.HTTP, a.claimed, err = claimAny()
	return err
}

func (p *agentPorts) list() []*int {
	return []*int{&p.HTTP, &p.DNS, &p.GRPC, &p.Server, &p.SerfLAN, &p.SerfWAN}
}

// start runs the agent on its ports, for the first time or again after it was killed.
func (a *Agent) start() error {
	args, err := a.args()
	if err != nil {
		return err
	}
	path, prefix := a.cfg.Self, []string{"consul"}
	if a.cfg.Consul.Bin != "" {
		prefix = []string{"reap", "--", a.cfg.Consul.Bin}
	}
	args = append(prefix, args...)
	child, err := proc.Start(proc.Spec{Name: a.Name, Path: path, Args: args, LogPath: a.cfg.logPath(a.Name), Remains: []string{filepath.Join(a.cfg.Dir, ConsulDir)}})
	if err != nil {
		return err
	}
	told := make(chan struct{})
	a.mu.Lock()
	a.child, a.told, a.led = child, told, time.Time{}
	a.mu.Unlock()
	a.cfg.Timeline.Append(timeline.Event{
		Type: timeline.ConsulStarted, Src: "supervisor", On: []string{timeline.Agent(a.Name)},
		Msg: fmt.Sprintf("Consul agent %s started on %s", a.Name, a.HTTP()),
		D:   timeline.Process{PID: child.PID(), Addr: a.HTTP(), Log: a.cfg.logPath(a.Name)},
	})
	a.exits.Go(func() {
		defer close(told)
		a.reportExit(child)
	})
	return nil
}

// HTTP is the host:port of the agent's HTTP API.
func (a *Agent) HTTP() string {
	if a.foreign() {
		return a.cfg.Consul.Addr
	}
	return loopback(a.ports.HTTP)
}

// Info names the agent and where it is reached.
func (a *Agent) Info() timeline.AgentInfo {
	info := timeline.AgentInfo{Name: a.Name, Role: string(a.Role), DC: a.DC, HTTP: a.HTTP()}
	if child, err := a.process(); err == nil {
		info.PID = child.PID()
	}
	return info
}

// Addrs is where the agent listens; a foreign agent's other ports are not known.
func (a *Agent) Addrs() timeline.ConsulAddrs {
	addrs := timeline.ConsulAddrs{HTTP: a.HTTP(), UI: a.scheme() + "://" + a.HTTP() + "/ui"}
	if !a.foreign() {
		addrs.GRPC, addrs.DNS = loopback(a.ports.GRPC), loopback(a.ports.DNS)
	}
	if a.security.ca != nil {
		addrs.CA = a.security.ca.file()
	}
	if a.security.keys != nil {
		addrs.TokenFile = tokenFile(a.cfg)
	}
	return addrs
}

func (a *Agent) scheme() string {
	if a.security.ca != nil {
		return "https"
	}
	return "http"
}

// Client talks to this agent, with every right. It may be used concurrently.
func (a *Agent) Client() *api.Client { return a.client }

func (a *Agent) process() (*proc.Child, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.child == nil {
		return nil, ErrForeign
	}
	return a.child, nil
}

// errNoLeader is what an agent answers that is there before its datacenter has elected one.
var errNoLeader = errors.New("it knows none")

// await waits until the agent knows a leader and, with ACLs, the tokens of its stack. An
// agent that dies first is the error, and brings its last lines.
func (a *Agent) await(ctx context.Context) error {
	var died <-chan struct{}
	child, err := a.process()
	if err == nil {
		died = child.Done()
	}
	var missing error
	for {
		ready, err := a.ready(ctx)
		if ready {
			return err
		}
		if ctx.Err() == nil {
			missing = err
		}
		select {
		case <-died:
			return deathOf(child)
		case <-ctx.Done():
			return fmt.Errorf("wait for a Consul leader at %s: %w: %w%s", a.HTTP(), context.Cause(ctx), missing, a.tail())
		case <-time.After(4 * time.Millisecond):
		}
	}
}

// ready reports whether there is nothing left to wait for, and otherwise what is missing. With
// ACLs a refusal is no last word: a follower knows new tokens a moment after the leader.
func (a *Agent) ready(ctx context.Context) (bool, error) {
	leader, err := a.leader(ctx)
	switch {
	case err != nil:
		return false, err
	case leader == "":
		return false, errNoLeader
	}
	err = a.admitted(ctx)
	return err == nil || a.security.keys == nil || !refused(err), err
}

// leader is the Raft address of the datacenter's leader, "" when the agent knows of none.
func (a *Agent) leader(ctx context.Context) (string, error) {
	return a.client.Status().LeaderWithQueryOptions((&api.QueryOptions{}).WithContext(ctx))
}

// rpc is where the agent takes part in Raft; the leader is known by it.
func (a *Agent) rpc() string { return loopback(a.ports.Server) }

func (a *Agent) foreign() bool { return a.cfg.Consul.Addr != "" }

// Running reports whether the agent has a process that devstack started.
func (a *Agent) Running() bool {
	child, err := a.process()
	return err == nil && child.Running()
}

// admitted makes sure that an agent that knows a leader is ours and has its rights.
func (a *Agent) admitted(ctx context.Context) error {
	if a.security.keys != nil {
		if err := a.security.keys.admit(ctx, a); err != nil {
			return err
		}
	}
	return a.isOurs(ctx)
}

// isOurs makes sure that the agent that answers is the one that was started: another Consul
// may have taken the port at the same moment.
func (a *Agent) isOurs(ctx context.Context) error {
	child, err := a.process()
	if err != nil {
		return nil // a foreign one, as asked for
	}
	self, err := a.self(ctx)
	if err != nil {
		return err
	}
	if name := self["Config"]["NodeName"]; name != a.Name || !child.Running() {
		return fmt.Errorf("wait for a Consul leader: %w: %v answers at %s", ErrPortTaken, name, a.HTTP())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.led.IsZero() {
		a.led = time.Now()
	}
	return nil
}

// tail is the agent's last log lines, ready to be put behind an error.
func (a *Agent) tail() string {
	if a.foreign() {
		return ""
	}
	path := a.cfg.logPath(a.Name)
	lines := slices.Concat([]string{""}, proc.Tail(path, 8), []string{"log: " + path})
	return strings.Join(lines, "\n    ")
}

func (a *Agent) stop(now <-chan struct{}) {
	if child, err := a.process(); err == nil {
		// Consul waits a second for a connection that nothing was ever sent on.
		for _, p := range a.pools {
			p.CloseIdleConnections()
		}
		child.Stop(agentGrace, now)
	}
	a.exits.Wait()
	a.ways.close()
	a.forgetData()
	if a.claimed != nil {
		a.claimed.Close()
	}
}
