package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"devstack/scenarios"
	"devstack/stack"
	"devstack/timeline"
	"devstack/view/web"
)

// stories tells scenarios that the dashboard of `up` asks for: each on a stack and a
// dashboard of its own, beside the stack that is up.
type stories struct {
	runner runner

	ctx  context.Context // of all of them; ends with close
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu  sync.Mutex
	now *web.Telling
	end context.CancelCauseFunc // of the one that is being told
}

func newStories(r runner) *stories {
	used.Store(true) // their time to ready counts from when they are asked for
	r.consul, r.seed = stack.ConsulConfig{Bin: r.consul.Bin}, 1
	s := &stories{runner: r}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// close ends the story that is being told and waits until its stack is gone.
func (s *stories) close() {
	s.stop()
	s.wg.Wait()
}

func (s *stories) List() []web.Story {
	all, err := scenarios.List()
	if err != nil {
		return nil
	}
	var out []web.Story
	for _, sc := range all {
		out = append(out, web.Story{Name: sc.Name, Title: sc.Title, Tier: sc.Tier, Asks: sc.Asks()})
	}
	return out
}

func (s *stories) Now() *web.Telling {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return nil
	}
	now := *s.now
	return &now
}

func (s *stories) Tell(_ context.Context, name string, step, predict bool) (web.Telling, error) {
	sc, err := scenarios.Find(name)
	if err != nil {
		return web.Telling{}, &web.Refusal{Status: http.StatusNotFound, Msg: err.Error(), Hint: "devstack scenario list"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		return web.Telling{}, &web.Refusal{Status: http.StatusConflict, Msg: s.now.Name + " is being told", Hint: "end it first"}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return web.Telling{}, fmt.Errorf("open a dashboard for %s: %w", name, err)
	}
	ctx, end := context.WithCancelCause(s.ctx)
	s.end, s.now = end, &web.Telling{Name: name, URL: "http://" + listener.Addr().String() + "/"}
	s.wg.Go(func() {
		defer end(nil)
		s.tell(ctx, sc, listener, step, predict)
	})
	return *s.now, nil
}

// tell runs sc to its end and keeps what it came to.
func (s *stories) tell(ctx context.Context, sc *scenarios.Scenario, l net.Listener, step, predict bool) {
	r, server := s.runner, (*web.Server)(nil)
	r.dashboard = "http://" + l.Addr().String() + "/"
	r.show = func(sess *session) {
		server = web.Serve(l, web.Config{Log: sess.Log})
		if step || predict {
			server.Narrate()
		}
	}
	if step {
		r.gate = func(ctx context.Context, name string) error { return server.Gate(ctx, name) }
	}
	if predict {
		r.predict = func(ctx context.Context, p timeline.Prediction) (string, error) { return server.Predict(ctx, p) }
	}
	run, dir, err := r.run(ctx, sc, nil)
	if server == nil {
		err = errors.Join(err, l.Close())
	} else {
		err = errors.Join(err, server.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Verdict, s.now.Why, s.now.Dir, s.end = run.Verdict, run.Why, shown(dir), nil
	if err != nil {
		s.now.Why = err.Error()
	}
}

// End breaks the story off.
func (s *stories) End() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		return &web.Refusal{Status: http.StatusConflict, Msg: "no scenario is being told"}
	}
	s.end(errInterrupted)
	return nil
}
