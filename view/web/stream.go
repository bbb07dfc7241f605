package web

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"devstack/timeline"
)

const (
	writePatience = 10 * time.Second
	pingPause     = 15 * time.Second
	// maxResume is how many missed events are sent one by one. Beyond, the whole picture
	// is smaller and says the same.
	maxResume = 4000
)

// state answers with the whole picture of now, or of ?at=SECONDS.
func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("at")
	if text == "" {
		whole, _ := s.whole()
		reply(w, whole, nil)
		return
	}
	t, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(t) || t < 0 {
		refuse(w, http.StatusBadRequest, "at is a number of seconds since the start of the run")
		return
	}
	reply(w, s.equip(s.hub.at(t)), nil)
}

func (s *Server) whole() (Whole, uint64) {
	w, seq := s.hub.whole()
	return s.equip(w), seq
}

// equip says what the page may do.
func (s *Server) equip(w Whole) Whole {
	w.Can = []string{}
	if s.cfg.Controls != nil {
		w.Can, w.Kinds = append(w.Can, Verbs...), s.cfg.Kinds
	}
	if s.gates.used() {
		w.Can = append(w.Can, "next", "predict")
	}
	if s.cfg.Stories != nil {
		w.Can = append(w.Can, storyVerbs...)
	}
	return w
}

// record answers with the event log so far.
func (s *Server) record(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	out := http.NewResponseController(w)
	defer out.SetWriteDeadline(time.Time{}) // the connection may serve another request
	for e := range s.cfg.Log.From(0) {
		out.SetWriteDeadline(time.Now().Add(writePatience))
		if enc.Encode(e) != nil {
			return
		}
	}
}

// events is the stream of server-sent events: hello (the whole picture), then event with
// the number of each as its id, frame at most four times a second, and bye at the end of
// the run. With Last-Event-ID it goes on after that event and leaves hello out.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	st := &stream{s: s, w: w, out: http.NewResponseController(w)}
	if err := st.begin(r.Header.Get("Last-Event-ID")); err != nil {
		return
	}
	defer st.out.SetWriteDeadline(time.Time{})
	ping := time.NewTicker(pingPause)
	defer ping.Stop()
	for {
		ended, next, err := st.tellNews()
		if err != nil || ended {
			return
		}
		select {
		case <-next:
		case <-ping.C:
			if st.write(": ping\n\n") != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// stream is one page that listens.
type stream struct {
	s     *Server
	w     http.ResponseWriter
	out   *http.ResponseController
	seq   uint64 // the last event sent
	drawn uint64 // the last picture sent
}

// begin resumes after the event that a page saw last, if that is possible.
func (st *stream) begin(last string) error {
	seq, err := strconv.ParseUint(last, 10, 64)
	newest := st.s.cfg.Log.Len()
	if err == nil && seq <= newest && newest-seq <= maxResume {
		st.seq = seq
		return st.write("retry: 1000\n\n")
	}
	whole, seq := st.s.whole()
	b, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	st.seq = seq
	return st.write("retry: 1000\nid: %d\nevent: hello\ndata: %s\n\n", seq, b)
}

// tellNews sends all that is new. next closes when there is more; ended is the last news.
func (st *stream) tellNews() (ended bool, next <-chan struct{}, err error) {
	version, ended, next := st.s.hub.news()
	for _, e := range st.s.cfg.Log.After(st.seq) {
		if err := st.event(e); err != nil {
			return false, nil, err
		}
	}
	if version != st.drawn {
		b, err := st.s.hub.frame()
		if err != nil {
			return false, nil, err
		}
		if err := st.write("event: frame\ndata: %s\n\n", b); err != nil {
			return false, nil, err
		}
		st.drawn = version
	}
	if ended {
		err = st.write("event: bye\ndata: {}\n\n")
	}
	return ended, next, err
}

func (st *stream) event(e timeline.Event) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := st.write("id: %d\nevent: event\ndata: %s\n\n", e.Seq, b); err != nil {
		return err
	}
	st.seq = e.Seq
	return nil
}

// write sends a piece, and gives up on a page that does not read.
func (st *stream) write(format string, args ...any) error {
	st.out.SetWriteDeadline(time.Now().Add(writePatience))
	if _, err := fmt.Fprintf(st.w, format, args...); err != nil {
		return err
	}
	return st.out.Flush()
}
