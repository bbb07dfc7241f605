package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter/control"
	"devstack/stack/proc"
)

// kinds is the list of faults. Each is done to something real: a process, a registration,
// a handler inside the replica.
func kinds() []kind {
	return append(linkKinds(), []kind{
		{name: "kill", about: "SIGKILL a replica; heals by starting it again on a new port", inject: each(killReplica)},
		{name: "crash-loop", about: "SIGKILL a replica again and again, each time it has lived for so long; it restarts at once, on a new port", args: []argument{as("every", aBeat)}, inject: each(crashReplica)},
		{name: "restart", about: "SIGTERM each replica in turn, start it again and wait until it is picked; one that has ended is only started", once: true, inject: each(restartReplica)},
		{name: "pause", about: "SIGSTOP a replica: its sockets stay open, nobody is there; heals with SIGCONT", inject: each(pauseReplica)},
		{name: "starve", about: "SIGSTOP and SIGCONT a replica in turn, so that it has the processor for a part of the time only", args: []argument{as("every", aBeat), as("share", aPart)}, inject: each(starveReplica)},
		{name: "drain", about: "SIGTERM a replica, which then stops in its configured order; heals by starting it again", inject: each(drainReplica)},
		{name: "slow", about: "a replica waits before it handles a greeting", args: []argument{as("latency", aDuration), as("jitter", aDuration)}, inject: each(slowReplica)},
		{name: "errors", about: "a share of a replica's greetings fails", args: []argument{as("ratio", aRatio), as("code", aCode)}, inject: each(failReplica)},
		{name: "not-serving", about: "a replica's health says NOT_SERVING while it goes on answering", inject: each(behaving(&control.Behaviour{Health: control.Health_NOT_SERVING}))},
		{name: "flap", about: "a replica's health goes to NOT_SERVING and back; answers all the time", args: []argument{as("every", aBeat)}, inject: each(flapReplica)},
		{name: "deadlock", about: "a replica's greetings hang while its health still says SERVING", inject: each(behaving(&control.Behaviour{Deadlock: true}))},
		{name: "ttl-stall", about: "a replica stops its TTL heartbeats; everything else works", fits: haveHeartbeats, inject: each(behaving(&control.Behaviour{TtlStall: true}))},
		{name: "deregister", about: "take a replica out of Consul behind its back; heals when it registers again by itself", inject: each(deregisterReplica)},
		{name: "maintenance", about: "put a replica into Consul's maintenance mode", inject: each(maintainReplica)},
		{name: "tag", about: "give a replica's entry in Consul other tags, as a deployment tool does", args: []argument{text("to")}, inject: each(tagReplica)},
		{name: "catalog-deregister", about: "delete a replica from the servers' catalog, not from its agent, which writes it again within two minutes", inject: each(uncatalogReplica)},
		{name: "router-kill", about: "SIGKILL what stands between client and replicas; heals by starting it again on its address", middle: true, inject: killMiddleman},
		{name: "consul-kill", about: "SIGKILL Consul agents: by name, leader, follower, server-majority, datacenter; heals by starting them again, an only server with an empty catalog", consul: true, fits: haveProcesses, inject: killConsul},
		{name: "consul-restart", about: "SIGTERM Consul agents in turn and start them again; those that have ended are only started", consul: true, once: true, inject: restartConsul},
		{name: "consul-revoke", about: "take a part's ACL rights away: its token, or its policy's rules; heals by giving both back", consul: true, args: []argument{word("part", Parts()...), word("lose", loseToken, loseRules)}, usual: map[string]string{"part": partResolver, "lose": loseToken}, fits: haveACL, inject: revokeRights},
		{name: "consul-leader-transfer", about: "ask the leader to hand its office to another server", consul: true, leader: true, once: true, fits: haveFollowers, inject: transferLeader},
		{name: "consul-snapshot", about: "save what Consul's servers know; breaks nothing", consul: true, leader: true, once: true, inject: saveSnapshot},
		{name: "consul-restore", about: "make the servers believe what the last consul-snapshot saved; cannot be undone", consul: true, leader: true, once: true, fits: haveSnapshot, inject: restoreSnapshot},
		{name: "consul-partition", about: "cut the calls (Raft, queries; not gossip) between Consul agents and all others; connections are reset or hang", consul: true, args: []argument{word("path", pathLAN, pathWAN), word("mode", modeReset, modeHang)}, fits: haveAgentLinks, inject: partAgents},
		{name: "consul-pause", about: "SIGSTOP Consul agents; heals with SIGCONT", consul: true, fits: haveProcesses, inject: pauseConsul},
	}...)
}

// one injects into a single replica.
type one func(ctx context.Context, s *Stack, r *Replica, o Order) (undo func(context.Context) error, err error)

// each injects into every target, and undoes those that worked when one does not.
func each(inject one) func(context.Context, *Stack, Order) (func(context.Context) error, error) {
	return func(ctx context.Context, s *Stack, o Order) (func(context.Context) error, error) {
		var undos []func(context.Context) error
		undo := func(ctx context.Context) error {
			var errs []error
			for i := len(undos) - 1; i >= 0; i-- {
				errs = append(errs, undos[i](ctx))
			}
			return errors.Join(errs...)
		}
		for _, name := range o.Targets {
			r, err := s.replica(name)
			if err == nil {
				var u func(context.Context) error
				if u, err = inject(ctx, s, r, o); err == nil {
					undos = append(undos, u)
					continue
				}
			}
			return nil, errors.Join(err, undo(ctx))
		}
		return undo, nil
	}
}

func killReplica(_ context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	if err := r.process().Kill(); err != nil {
		return nil, err
	}
	return s.restart(r), nil
}

func drainReplica(_ context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	if err := r.terminate(); err != nil {
		return nil, err
	}
	return s.restart(r), nil
}

// restart undoes the end of a replica's present process: it waits for that end, starts a new
// process, unless somebody has, and waits until that listens.
func (s *Stack) restart(r *Replica) func(context.Context) error {
	old := r.process()
	return func(ctx context.Context) error {
		select {
		case <-old.Done():
		case <-ctx.Done():
			return fmt.Errorf("wait for the old process of %s: %w", r.Name, context.Cause(ctx))
		}
		if !r.Running() {
			if err := r.start(); err != nil {
				return err
			}
		}
		return r.await(ctx)
	}
}

func pauseReplica(_ context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	child := r.process()
	if err := child.Pause(); err != nil {
		return nil, err
	}
	s.notePaused(r.Name, true)
	return func(context.Context) error {
		if err := child.Resume(); errors.Is(err, proc.ErrEnded) {
			return nil // nobody is paused any more
		} else if err != nil {
			return err
		}
		s.notePaused(r.Name, false)
		return nil
	}, nil
}

func slowReplica(ctx context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	latency, err := given(o, "latency", aDuration, 300*time.Millisecond)
	if err != nil {
		return nil, err
	}
	jitter, err := given(o, "jitter", aDuration, 0)
	if err != nil {
		return nil, err
	}
	b := &control.Behaviour{LatencyMs: uint32(latency.Milliseconds()), LatencyJitterMs: uint32(jitter.Milliseconds())}
	return behaving(b)(ctx, s, r, o)
}

func failReplica(ctx context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	ratio, err := given(o, "ratio", aRatio, 1)
	if err != nil {
		return nil, err
	}
	code, err := given(o, "code", aCode, 0)
	if err != nil {
		return nil, err
	}
	return behaving(&control.Behaviour{ErrorRatio: ratio, ErrorCode: code})(ctx, s, r, o)
}

// behaving gives a replica a behaviour over its control service; undone by a healthy one.
func behaving(b *control.Behaviour) one {
	return func(ctx context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
		if err := behave(ctx, r.itself(), b); err != nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			if !r.Running() {
				return nil
			}
			return behave(ctx, r.itself(), &control.Behaviour{})
		}, nil
	}
}

func behave(ctx context.Context, addr string, b *control.Behaviour) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		return fmt.Errorf("reach the control service at %s: %w", addr, err)
	}
	defer conn.Close()
	if _, err := control.NewControlClient(conn).Behave(ctx, b); err != nil {
		return fmt.Errorf("change the behaviour of the replica at %s: %w", addr, err)
	}
	return nil
}

// deregisterReplica has nothing to undo when the replica registers itself: it notices and
// comes back. A registrar has to be told.
func deregisterReplica(ctx context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	q := (&api.QueryOptions{}).WithContext(ctx)
	if err := r.agent.client.Agent().ServiceDeregisterOpts(r.Name, q); err != nil {
		return nil, fmt.Errorf("deregister %s: %w", r.Name, err)
	}
	return r.enrol, nil
}

func maintainReplica(_ context.Context, s *Stack, r *Replica, _ Order) (func(context.Context) error, error) {
	if err := r.agent.client.Agent().EnableServiceMaintenance(r.Name, "devstack: maintenance"); err != nil {
		return nil, fmt.Errorf("enable maintenance of %s: %w", r.Name, err)
	}
	return func(context.Context) error {
		if err := r.agent.client.Agent().DisableServiceMaintenance(r.Name); err != nil {
			return fmt.Errorf("disable maintenance of %s: %w", r.Name, err)
		}
		return nil
	}, nil
}
