package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

const actionsPath = "/api/actions"

// actionPatience is how long one action may take.
const actionPatience = time.Minute

// Action is what a button or a key of the page wants done, with its JSON shape. Do names
// the deed; the fields that it reads are named beside it in Verbs.
type Action struct {
	Do      string            `json:"do"`
	Kind    string            `json:"kind,omitempty"`
	Target  string            `json:"target,omitempty"`
	Targets []string          `json:"targets,omitempty"` // instead of Target
	Args    map[string]string `json:"args,omitempty"`
	For     string            `json:"for,omitempty"` // a duration, after which the fault heals by itself
	ID      int               `json:"id,omitempty"`
	N       int               `json:"n,omitempty"`
	Rate    float64           `json:"rate,omitempty"`
	Said    string            `json:"said,omitempty"`
}

// Verbs are the values of Action.Do that reach Controls. Two more, next and predict (Said),
// are for a story that waits at this dashboard. A page cannot stop the stack.
var Verbs = []string{
	"inject",   // Kind, Target or Targets, Args, For
	"heal",     // ID
	"heal_all", //
	"resume",   // Target or Targets
	"scale",    // N
	"rate",     // Rate
	"call",     // one RPC
}

// Controls does what the page asks for. Do may be called concurrently; its result is sent
// to the page as JSON. An error that is the asker's mistake is a [Refusal].
type Controls interface {
	Do(context.Context, Action) (any, error)
}

// Refusal is an error with an HTTP status, and what to try instead.
type Refusal struct {
	Status int    `json:"-"`
	Msg    string `json:"message"`
	Hint   string `json:"hint,omitempty"`
}

func (r *Refusal) Error() string { return r.Msg }

func refuse(w http.ResponseWriter, status int, msg string) {
	reply(w, nil, &Refusal{Status: status, Msg: msg})
}

// reply sends v, or what went wrong.
func reply(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		r, ok := errors.AsType[*Refusal](err)
		if !ok {
			r = &Refusal{Status: http.StatusInternalServerError, Msg: err.Error()}
		}
		w.WriteHeader(r.Status)
		v = map[string]any{"error": r}
	}
	json.NewEncoder(w).Encode(v) // who does not read the answer does not want it
}

func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	a, err := readAction(r.Body)
	if err != nil {
		reply(w, nil, err)
		return
	}
	// Who goes away while it happens does not undo it: half a fault is worse than a whole one.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actionPatience)
	defer cancel()
	v, err := s.do(ctx, a)
	reply(w, v, err)
}

func readAction(body io.Reader) (Action, error) {
	var a Action
	in := json.NewDecoder(body)
	in.DisallowUnknownFields()
	err := in.Decode(&a)
	if err == nil {
		if _, more := in.Token(); more != io.EOF {
			err = errors.Join(errors.New("more than one action"), more)
		}
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return a, &Refusal{Status: http.StatusRequestEntityTooLarge, Msg: "an action is 4 KiB at most"}
	}
	if err != nil {
		return a, &Refusal{Status: http.StatusBadRequest, Msg: "read the action: " + err.Error()}
	}
	return a, nil
}

func (s *Server) do(ctx context.Context, a Action) (any, error) {
	switch a.Do {
	case "next", "predict":
		return s.gates.pass(a)
	case "tell", "end_story":
		return s.tellStory(ctx, a)
	}
	if s.cfg.Controls == nil {
		return nil, &Refusal{Status: http.StatusForbidden, Msg: "this dashboard only shows"}
	}
	for _, v := range Verbs {
		if v == a.Do {
			return s.cfg.Controls.Do(ctx, a)
		}
	}
	return nil, &Refusal{Status: http.StatusBadRequest, Msg: "there is no action " + a.Do}
}
