package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"devstack/timeline"
	"devstack/view"
)

// framePause is the least time between two pictures: four a second.
const framePause = 250 * time.Millisecond

// maxLandmarks bounds the events that a late page gets of a long run.
const maxLandmarks = 2000

// hub folds the record once for all pages, and wakes them when there is news.
type hub struct {
	log *timeline.Log

	mu        sync.Mutex
	state     view.State
	landmarks []timeline.Event // what a timeline marks, of the whole run
	past      []snapshot       // of every so many events
	thinned   int              // how often the distance between two has doubled
	question  *Question
	version   uint64 // of the picture
	drawn     uint64 // the version that picture is
	picture   []byte
	ended     bool // the record is closed and folded to its end
	wake      chan struct{}
}

func newHub(log *timeline.Log) *hub { return &hub{log: log, wake: make(chan struct{})} }

// run folds until the record is closed or ctx ends.
func (h *hub) run(ctx context.Context) {
	dirty, due := false, time.Now()
	for {
		events, err := h.next(ctx, dirty, due)
		switch {
		case err == nil:
			h.fold(events)
			dirty = true
		case errors.Is(err, io.EOF):
			h.publish(true)
			return
		case ctx.Err() != nil:
			return
		}
		if now := time.Now(); dirty && !now.Before(due) {
			h.publish(false)
			dirty, due = false, now.Add(framePause)
		}
	}
}

// next waits for events, and no longer than until due when a picture is owed.
func (h *hub) next(ctx context.Context, dirty bool, due time.Time) ([]timeline.Event, error) {
	if dirty {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, due)
		defer cancel()
	}
	return h.log.Next(ctx, h.seq())
}

func (h *hub) seq() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Seq
}

func (h *hub) fold(events []timeline.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		h.state.Add(e)
		if landmark(e) {
			h.landmarks = append(h.landmarks, e)
		}
		h.remember()
	}
	if len(h.landmarks) > 2*maxLandmarks {
		h.landmarks = append([]timeline.Event(nil), h.landmarks[maxLandmarks:]...)
	}
	h.rouse()
}

// landmark reports whether a timeline marks e.
func landmark(e timeline.Event) bool {
	noun, _, _ := strings.Cut(string(e.Type), ".")
	switch noun {
	case "fault", "scenario", "stack", "run", "user":
		return true
	}
	return e.Type == timeline.ResolverUpdated || e.Type == timeline.ConsulLeaderLost || e.Type == timeline.ConsulLeaderElected
}

func (h *hub) publish(ended bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.version++
	h.ended = h.ended || ended
	h.rouse()
}

// ask changes the question at once: who waits for an answer should not wait for a tick.
func (h *hub) ask(q *Question) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.question = q
	h.version++
	h.rouse()
}

// rouse wakes everybody; h.mu is held.
func (h *hub) rouse() {
	close(h.wake)
	h.wake = make(chan struct{})
}

// news is what a stream looks at each time it wakes. The channel closes at the next news.
func (h *hub) news() (version uint64, ended bool, next <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.version, h.ended, h.wake
}

// frame is the present picture as JSON, drawn once for all.
func (h *hub) frame() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.picture != nil && h.drawn == h.version {
		return h.picture, nil
	}
	f := newFrame(h.log, &h.state)
	f.Question = h.question
	b, err := json.Marshal(f)
	if err == nil {
		h.picture, h.drawn = b, h.version
	}
	return b, err
}

// whole is the present picture with its past, and the number of its last event.
func (h *hub) whole() (Whole, uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := newWhole(h.log, h.state.Clone(), h.landmarks)
	w.Question = h.question
	return w, h.state.Seq
}
