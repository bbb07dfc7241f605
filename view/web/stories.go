package web

import (
	"context"
	"net/http"

	"devstack/timeline"
)

// Stories are the scenarios that a page can start, each on a stack of its own with a
// dashboard of its own. Its methods may be called concurrently.
type Stories interface {
	// List is all that can be started.
	List() []Story
	// Now is the last that was started, nil before any.
	Now() *Telling
	// Tell starts one. One at a time: a second is a [Refusal] that names the first.
	Tell(ctx context.Context, name string, step, predict bool) (Telling, error)
	// End breaks the one that is being told off; it heals and stops what it started.
	End() error
}

// Story introduces a scenario.
type Story struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Tier  int    `json:"tier"`
	Asks  bool   `json:"asks"` // has a question to predict
}

// Telling is a scenario that was started here.
type Telling struct {
	Name    string           `json:"name"`
	URL     string           `json:"url"`               // of its own dashboard, while it is told
	Verdict timeline.Verdict `json:"verdict,omitempty"` // once it is over
	Why     string           `json:"why,omitempty"`     // of no verdict, or of an inconclusive one
	Dir     string           `json:"dir,omitempty"`     // its run folder
}

// stories answers what can be told, and what is.
func (s *Server) stories(w http.ResponseWriter, _ *http.Request) {
	answer := struct {
		Stories []Story  `json:"stories"`
		Now     *Telling `json:"now,omitempty"`
	}{Stories: []Story{}}
	if s.cfg.Stories != nil {
		answer.Stories, answer.Now = s.cfg.Stories.List(), s.cfg.Stories.Now()
	}
	reply(w, answer, nil)
}

// storyVerbs are the values of Action.Do that reach Stories: tell (Target names it, Args
// step and predict are true or nothing) and end_story.
var storyVerbs = []string{"tell", "end_story"}

func (s *Server) tellStory(ctx context.Context, a Action) (any, error) {
	if s.cfg.Stories == nil {
		return nil, &Refusal{Status: http.StatusForbidden, Msg: "this dashboard starts no scenario"}
	}
	if a.Do == "end_story" {
		if err := s.cfg.Stories.End(); err != nil {
			return nil, err
		}
		return map[string]string{"message": "ending the scenario: it heals and stops what it started"}, nil
	}
	t, err := s.cfg.Stories.Tell(ctx, a.Target, a.Args["step"] == "true", a.Args["predict"] == "true")
	if err != nil {
		return nil, err
	}
	return map[string]any{"message": t.Name + " runs on a stack of its own", "telling": t}, nil
}
