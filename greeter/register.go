package greeter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/consul/api"
)

const (
	askLimit      = 2 * time.Second  // for one short request to Consul
	leaveLimit    = time.Second      // for the deregistration: Consul may be dead, and stopping must not wait for it
	watchWait     = 30 * time.Second // how long Consul may hold the question whether it still knows the replica
	watchLimit    = watchWait + watchWait/16 + 5*time.Second
	watchPause    = 100 * time.Millisecond // between questions that were answered at once, whatever Consul does
	leaderBackoff = 250 * time.Millisecond
	lostBackoff   = time.Second
	firstBackoff  = 5 * time.Millisecond
)

// keeper keeps one replica registered: it registers, watches until Consul has forgotten, and again.
type keeper struct {
	cfg   *Config
	entry *api.AgentServiceRegistration
	event func(EventKind, error)
	stall func() bool // whether TTL heartbeats are to be left out
	note  func() string

	tried  atomic.Bool // a registration was sent, so Consul may know the replica
	once   sync.Once
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func (s *Server) newKeeper(page string) *keeper {
	k := &keeper{
		cfg: &s.cfg, event: s.event, cancel: func() {},
		stall: func() bool { return s.behaviour.current.Load().GetTtlStall() },
		note:  s.heartbeatStatus,
	}
	if s.cfg.Consul != nil {
		k.entry = s.cfg.registration(page)
	}
	return k
}

func (c *Config) registration(page string) *api.AgentServiceRegistration {
	host, port, _ := advertised(c.Advertise)
	return &api.AgentServiceRegistration{
		ID: c.ID, Name: c.Service, Address: host, Port: port,
		Tags: c.Tags, Meta: c.Meta, Weights: c.Weights,
		Check: c.Check.agentCheck(c.ID, page),
	}
}

// start begins keeping; without a Consul, or when already begun, it does nothing.
func (k *keeper) start(ctx context.Context) {
	if k.entry == nil {
		return
	}
	k.once.Do(func() {
		ctx, k.cancel = context.WithCancel(ctx)
		k.wg.Go(func() { k.keep(ctx) })
		if k.cfg.Check.Kind == CheckTTL {
			k.wg.Go(func() { k.heartbeat(ctx) })
		}
	})
}

// stop ends keeping. A registration under way is waited for, so that none can follow a deregistration.
func (k *keeper) stop() {
	k.cancel()
	k.wg.Wait()
}

func (k *keeper) keep(ctx context.Context) {
	for again := false; ; again = true {
		if k.register(ctx, again) != nil || k.watch(ctx) != nil {
			return
		}
		k.event(EventForgotten, nil)
	}
}

// register tries until Consul has the entry; its error is the context's. It waits for a leader first,
// because an agent that cannot sync at once tries again only after 15 to 30 s.
func (k *keeper) register(ctx context.Context, again bool) error {
	var told string
	for wait := newBackoff(firstBackoff, leaderBackoff); ctx.Err() == nil; wait.sleep(ctx) {
		err := k.askLeader(ctx)
		if err == nil {
			err = k.put(ctx)
		}
		if err == nil {
			kind := EventRegistered
			if again {
				kind = EventReregistered
			}
			k.event(kind, nil)
			return nil
		}
		told = k.tell(ctx, told, err)
	}
	return ctx.Err()
}

// tell reports err unless the same was told before; a Consul that is still starting is not news.
func (k *keeper) tell(ctx context.Context, told string, err error) string {
	if ctx.Err() != nil || err.Error() == told {
		return told
	}
	var refused api.StatusError
	switch {
	case !errors.As(err, &refused) || !k.tried.Load():
		k.cfg.Log.Debug("waiting for consul", "replica", k.cfg.Name, "err", err)
	case refused.Code == http.StatusForbidden:
		k.event(EventForbidden, err)
	default:
		k.event(EventRefused, err)
	}
	return err.Error()
}

var errNoLeader = errors.New("consul has no leader yet")

func (k *keeper) askLeader(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	leader, err := k.cfg.Consul.Status().LeaderWithQueryOptions((&api.QueryOptions{}).WithContext(ctx))
	switch {
	case err != nil:
		return fmt.Errorf("ask consul for its leader: %w", err)
	case leader == "":
		return errNoLeader
	}
	return nil
}

// put sends the entry. The end of ctx does not interrupt it: Consul could act on it after all.
func (k *keeper) put(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askLimit)
	defer cancel()
	k.tried.Store(true)
	opts := api.ServiceRegisterOpts{ReplaceExistingChecks: true}
	if err := k.cfg.Consul.Agent().ServiceRegisterOpts(k.entry, opts.WithContext(ctx)); err != nil {
		return fmt.Errorf("register %s in consul: %w", k.cfg.ID, k.cfg.explained(err, "write"))
	}
	return nil
}

// explained adds to a refusal that does not name it the right to the service that was asked for.
func (c *Config) explained(err error, right string) error {
	var refused api.StatusError
	if !errors.As(err, &refused) || refused.Code != http.StatusForbidden || strings.Contains(refused.Body, "service:"+right) {
		return err
	}
	return fmt.Errorf("%w; it takes a token with service:%s on %q", err, right, c.Service)
}

func (k *keeper) deregister() error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveLimit)
	defer cancel()
	err := k.cfg.Consul.Agent().ServiceDeregisterOpts(k.cfg.ID, (&api.QueryOptions{}).WithContext(ctx))
	if err == nil || unknown(err) {
		return nil
	}
	return fmt.Errorf("deregister %s from consul: %w", k.cfg.ID, k.cfg.explained(err, "write"))
}

// watch returns nil when Consul has forgotten the replica, else the context's error. Consul holds each
// request until the entry changes, so an idle replica costs two requests a minute.
func (k *keeper) watch(ctx context.Context) error {
	hash, lost := "", false
	wait := newBackoff(firstBackoff, lostBackoff)
	for ctx.Err() == nil {
		asked := time.Now()
		next, err := k.ask(ctx, hash)
		switch {
		case ctx.Err() != nil:
		case unknown(err):
			return nil
		case err != nil:
			if !lost {
				k.event(EventConsulLost, err)
			}
			hash, lost = "", true
			wait.sleep(ctx)
			continue
		case lost:
			lost = false
			k.event(EventConsulFound, nil)
		}
		wait.reset()
		hash = next
		if time.Since(asked) < watchPause {
			_ = sleep(ctx, watchPause)
		}
	}
	return ctx.Err()
}

func (k *keeper) ask(ctx context.Context, hash string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, watchLimit)
	defer cancel()
	q := &api.QueryOptions{WaitHash: hash, WaitTime: watchWait}
	_, meta, err := k.cfg.Consul.Agent().Service(k.cfg.ID, q.WithContext(ctx))
	if err != nil {
		return "", fmt.Errorf("ask consul for %s: %w", k.cfg.ID, k.cfg.explained(err, "read"))
	}
	return meta.LastContentHash, nil
}

func unknown(err error) bool {
	var st api.StatusError
	return errors.As(err, &st) && st.Code == http.StatusNotFound
}
