package greeter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
)

// ErrCutOff says that calls were still in flight when the drain limit was reached.
var ErrCutOff = errors.New("calls in flight cut off at the drain limit")

// stop ends the replica in its configured order and waits for everything that it started.
// healthy is false when serving broke by itself; then serving has already been received from.
func (s *Server) stop(k *keeper, serving <-chan error, healthy bool) error {
	defer s.event(EventStopped, nil)
	s.event(EventDraining, nil)
	if s.cfg.StopOrder == Hard {
		s.grpc.Stop()
		k.stop()
		return served(serving, healthy)
	}
	k.stop()
	if s.cfg.StopOrder == Graceful && k.tried.Load() {
		s.leave(k)
	}
	s.health.setUp(false)
	err := s.drain()
	return errors.Join(err, served(serving, healthy))
}

// served is what Serve returned, unless that was received before. A stop may overtake Serve itself.
func served(serving <-chan error, pending bool) error {
	if !pending {
		return nil
	}
	if err := <-serving; !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// leave deregisters, then keeps serving until resolvers have had time to hear of it.
func (s *Server) leave(k *keeper) {
	err := k.deregister()
	if err == nil {
		s.event(EventDeregistered, nil)
	} else {
		s.cfg.Log.Warn("deregister", "replica", s.cfg.Name, "err", err)
	}
	_ = sleep(context.Background(), s.cfg.Settle)
}

// drain sends GOAWAY and waits for calls in flight, at most Drain.
func (s *Server) drain() error {
	done := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		close(done)
	}()
	limit := time.NewTimer(s.cfg.Drain)
	defer limit.Stop()
	select {
	case <-done:
		return nil
	case <-limit.C:
		s.grpc.Stop()
		<-done
		err := fmt.Errorf("replica %s: %w of %s", s.cfg.Name, ErrCutOff, s.cfg.Drain)
		s.event(EventCutOff, err)
		return err
	}
}
