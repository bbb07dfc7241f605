package control

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"devstack/timeline"
)

// The paths of the API. Only a POST changes anything.
const (
	statusPath = "/v1/status"
	actionPath = "/v1/action" // POST an Action, get a Result
	eventsPath = "/v1/events" // ?since=SEQ&follow=true, NDJSON
	logPath    = "/v1/log"    // ?name=greeter-1, the path of a file
)

const (
	maxBody        = 64 << 10
	actionPatience = time.Minute // a rolling restart of everything takes longest
	writePatience  = 10 * time.Second
)

// Handler is the API over lab, for any listener that keeps strangers out by itself.
func Handler(lab Lab) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+statusPath, func(w http.ResponseWriter, _ *http.Request) { answer(w, lab.Status(), nil) })
	mux.HandleFunc("POST "+actionPath, func(w http.ResponseWriter, r *http.Request) {
		result, err := act(w, r, lab)
		answer(w, result, err)
	})
	mux.HandleFunc("GET "+logPath, func(w http.ResponseWriter, r *http.Request) {
		path, err := lab.LogPath(r.FormValue("name"))
		answer(w, logFile{path}, err)
	})
	mux.HandleFunc("GET "+eventsPath, func(w http.ResponseWriter, r *http.Request) { events(w, r, lab.Events()) })
	return mux
}

type logFile struct {
	Path string `json:"path"`
}

// act performs the action in a request. Who goes away while it happens does not undo it:
// half a fault is worse than a whole one.
func act(w http.ResponseWriter, r *http.Request, lab Lab) (Result, error) {
	var a Action
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	if err := body.Decode(&a); err != nil {
		return Result{}, Refuse(Usage, "", "read the action: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actionPatience)
	defer cancel()
	return Perform(ctx, lab, a)
}

// failure is the body of an answer that is an error.
type failure struct {
	Error *Error `json:"error"`
}

var codeOf = map[Kind]int{Usage: http.StatusBadRequest, NotFound: http.StatusNotFound, Broken: http.StatusInternalServerError}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		e := asError(err)
		w.WriteHeader(codeOf[e.Kind])
		v = failure{e}
	}
	json.NewEncoder(w).Encode(v) // who does not read the answer does not want it
}

// events streams the log after since. Every write has a time limit, so that a reader who
// sleeps costs a connection and nothing else.
func events(w http.ResponseWriter, r *http.Request, log *timeline.Log) {
	var since uint64
	if text := r.FormValue("since"); text != "" {
		var err error
		if since, err = strconv.ParseUint(text, 10, 64); err != nil {
			answer(w, nil, Refuse(Usage, "", "since: %q is not the number of an event", text))
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	out := http.NewResponseController(w)
	out.Flush()
	defer func() { out.SetWriteDeadline(time.Now().Add(writePatience)) }() // the end is written too
	follow := r.FormValue("follow") == "true"
	for end := log.Len(); follow || since < end; { // in parts: a long record is not in memory as a whole
		list, err := log.Next(r.Context(), since)
		if err != nil {
			return
		}
		out.SetWriteDeadline(time.Now().Add(writePatience))
		for _, e := range list {
			if enc.Encode(e) != nil {
				return
			}
			since = e.Seq
		}
		if out.Flush() != nil {
			return
		}
	}
}
