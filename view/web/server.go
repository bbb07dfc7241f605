package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"devstack/timeline"
)

// closePatience is how long Close waits for answers that are on their way.
const closePatience = 300 * time.Millisecond

// byePatience is how long it waits for pages to take the end of the run.
const byePatience = 300 * time.Millisecond

// Config is what a dashboard shows, and what it may do.
type Config struct {
	Log      *timeline.Log     // of the run
	Controls Controls          // nil: the page shows and changes nothing
	Kinds    map[string]string // faults that can be injected, with a line about each
	Stories  Stories           // nil: the page starts no scenario
	Logger   *slog.Logger      // nil: silence
}

// Server is a dashboard on one listener. Its methods may be called concurrently.
type Server struct {
	cfg   Config
	addr  net.Addr
	token string // asked for when others than this machine can reach the listener
	hub   *hub
	gates gates

	http    *http.Server
	cancel  context.CancelFunc
	running sync.WaitGroup
	closing sync.Once
	err     error
}

// Serve answers on l until Close, and owns l from now on. A listener that other machines
// can reach gets a dashboard that changes nothing and asks for the token in its URL.
func Serve(l net.Listener, cfg Config) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, addr: l.Addr(), hub: newHub(cfg.Log)}
	s.gates.init()
	if !loopback(l.Addr()) {
		s.token, s.cfg.Controls, s.cfg.Stories = rand.Text(), nil, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // streams end with it
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelWarn),
	}
	s.running.Go(func() { s.hub.run(ctx) })
	s.running.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			cfg.Logger.Error("the dashboard ended", "err", err)
		}
	})
	return s
}

// URL is what to open in a browser, with the token when one is asked for. A nil Server has
// none.
func (s *Server) URL() string {
	if s == nil {
		return ""
	}
	u := url.URL{Scheme: "http", Host: s.addr.String(), Path: "/"}
	if tcp, ok := s.addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		_, port, _ := net.SplitHostPort(u.Host)
		u.Host = net.JoinHostPort("localhost", port)
	}
	if s.token != "" {
		u.RawQuery = "token=" + s.token
	}
	return u.String()
}

// Close ends every stream, waits a moment for answers that are on their way, and waits for
// all that Serve began. When the record is closed, it lets the pages have its last picture
// first. Calling it again, or on nil, does nothing.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	s.closing.Do(func() {
		s.farewell()
		s.cancel()
		ctx, cancel := context.WithTimeout(context.Background(), closePatience)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			s.err = s.http.Close()
		}
		s.running.Wait()
	})
	return s.err
}

// farewell gives the streams of a run that is over a moment to end by themselves.
func (s *Server) farewell() {
	ctx, cancel := context.WithTimeout(context.Background(), byePatience)
	defer cancel()
	gone, now := context.WithCancel(ctx)
	now()
	if _, err := s.cfg.Log.Next(gone, math.MaxUint64); errors.Is(err, io.EOF) {
		s.http.Shutdown(ctx) // who has not read it by then will not
	}
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for path, file := range pages {
		mux.HandleFunc("GET "+path, file.serve)
	}
	mux.HandleFunc("GET /api/state", s.state)
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("GET /api/stories", s.stories)
	mux.HandleFunc("GET /log.ndjson", s.record)
	mux.HandleFunc("POST /api/actions", s.act)
	return s.guard(mux)
}
