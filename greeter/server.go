package greeter

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	channelz "google.golang.org/grpc/channelz/service"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"devstack/greeter/control"
	"devstack/greeter/helloworld"
)

// Server is one replica. Its methods may be called from any goroutine.
type Server struct {
	cfg       Config
	behaviour *behaviour
	health    *healthState
	grpc      *grpc.Server
	ran       atomic.Bool
}

// New checks cfg and prepares a replica; nothing runs before Run.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, health: newHealthState()}
	s.behaviour = newBehaviour(func(b *control.Behaviour) {
		s.health.tell(b.GetHealth())
		s.event(EventBehaviour, nil)
	})
	s.behaviour.warming.Store(true)
	s.grpc = s.newGRPC()
	return s, nil
}

func (s *Server) newGRPC() *grpc.Server {
	gate := newGate(s.cfg.Capacity)
	g := grpc.NewServer(
		grpc.ChainUnaryInterceptor(gate.unary, s.behaviour.unary),
		grpc.ChainStreamInterceptor(gate.stream, s.behaviour.stream),
		grpc.KeepaliveEnforcementPolicy(s.cfg.KeepaliveEnforcement),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:      s.cfg.MaxConnectionAge,
			MaxConnectionAgeGrace: s.cfg.MaxConnectionAgeGrace,
		}),
		grpc.WaitForHandlers(true),
	)
	helloworld.RegisterGreeterServer(g, hello{replica: s.cfg.Name})
	control.RegisterControlServer(g, s.behaviour)
	healthpb.RegisterHealthServer(g, s.health.server)
	channelz.RegisterChannelzServiceToServer(g)
	reflection.Register(g)
	return g
}

// Run serves until ctx ends, then stops in the configured order. It registers the replica when it can
// answer greetings and keeps it registered meanwhile. It returns nil after a clean stop, ErrCutOff when
// the drain limit ended calls in flight, and otherwise why it could not serve. Run works once.
func (s *Server) Run(ctx context.Context) error {
	if s.ran.Swap(true) {
		return fmt.Errorf("replica %s: run twice", s.cfg.Name)
	}
	var url string
	if s.cfg.Consul != nil && s.cfg.Check.Kind == CheckHTTP {
		page, err := openPage(s.cfg.localHost(), s.health)
		if err != nil {
			return errors.Join(fmt.Errorf("replica %s: %w", s.cfg.Name, err), s.cfg.Listener.Close())
		}
		defer page.close()
		url = page.url
	}
	serving := make(chan error, 1)
	go func() { serving <- s.grpc.Serve(s.cfg.Listener) }()

	k := s.newKeeper(url)
	err := s.live(ctx, k, serving)
	return errors.Join(err, s.stop(k, serving, err == nil))
}

// live warms up, registers and waits for the end; an error means that serving broke.
func (s *Server) live(ctx context.Context, k *keeper, serving <-chan error) error {
	if s.cfg.RegisterFirst {
		k.start(ctx)
	}
	warm := time.NewTimer(s.cfg.WarmUp)
	defer warm.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-serving:
			return fmt.Errorf("replica %s: serve: %w", s.cfg.Name, err)
		case <-warm.C:
			s.behaviour.warming.Store(false)
			s.health.setUp(true)
			s.event(EventServing, nil)
			k.start(ctx)
		}
	}
}

func (s *Server) event(kind EventKind, err error) {
	e := Event{Time: time.Now(), Kind: kind, Err: err}
	if err != nil {
		s.cfg.Log.Warn(string(kind), "replica", s.cfg.Name, "err", err)
	} else {
		s.cfg.Log.Info(string(kind), "replica", s.cfg.Name)
	}
	s.cfg.OnEvent(e)
}
