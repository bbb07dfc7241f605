package web

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"devstack/timeline"
)

// Question is a place where a story waits for the page: for its next step, or, with Ask,
// for a prediction.
type Question struct {
	Step    string   `json:"step,omitempty"`
	Ask     string   `json:"ask,omitempty"`
	Options []string `json:"options,omitempty"`
}

// gates is where stories wait.
type gates struct {
	open atomic.Bool // a story has waited, or will

	mu     sync.Mutex
	now    *Question
	answer chan string
}

func (g *gates) init() { g.answer = make(chan string, 1) }

func (g *gates) used() bool { return g.open.Load() }

// Narrate says that a story will wait at this dashboard, so that its page may answer. It
// does nothing on a dashboard that asks for a token.
func (s *Server) Narrate() {
	if s.token == "" {
		s.gates.open.Store(true)
	}
}

// Gate waits until the page says next, and puts the waiting on the record.
func (s *Server) Gate(ctx context.Context, step string) error {
	s.tell(timeline.ScenarioGateWaiting, "waiting before "+step, step)
	if _, err := s.ask(ctx, Question{Step: step}); err != nil {
		return err
	}
	s.tell(timeline.ScenarioGatePassed, "on to "+step, step)
	return nil
}

// Predict waits for what somebody at the page expects.
func (s *Server) Predict(ctx context.Context, p timeline.Prediction) (string, error) {
	return s.ask(ctx, Question{Ask: p.Ask, Options: p.Options})
}

func (s *Server) tell(t timeline.Type, msg, step string) {
	s.cfg.Log.Append(timeline.Event{Type: t, Src: "user", Msg: msg, D: timeline.Gate{For: "step " + step}})
}

// ask puts q before the page and waits for the answer. One story asks at a time.
func (s *Server) ask(ctx context.Context, q Question) (string, error) {
	s.gates.put(&q)
	s.hub.ask(&q)
	defer func() { s.gates.put(nil); s.hub.ask(nil) }()
	select {
	case said := <-s.gates.answer:
		return said, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (g *gates) put(q *Question) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = q
	select {
	case <-g.answer: // to a question that nobody waits for any more
	default:
	}
}

// pass answers the question of now: one press, one step.
func (g *gates) pass(a Action) (any, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.now == nil, (g.now.Ask != "") != (a.Do == "predict"):
		return nil, &Refusal{Status: http.StatusConflict, Msg: "the story does not wait for that"}
	case len(g.now.Options) > 0 && !slices.Contains(g.now.Options, a.Said):
		return nil, &Refusal{Status: http.StatusBadRequest, Msg: "that is not one of the answers"}
	}
	g.now = nil
	g.answer <- a.Said // has room: it was emptied when the question was put
	return map[string]string{"message": "on"}, nil
}
