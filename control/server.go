package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// closePatience is how long Close waits for answers that are on their way.
const closePatience = time.Second

// Server answers on the control socket of one run folder.
type Server struct {
	path    string
	mine    os.FileInfo // of the socket, so that only it is removed
	http    *http.Server
	serving sync.WaitGroup
	closing sync.Once
	err     error
}

// Serve makes the socket in dir, for this user alone, and answers for lab until Close. A
// stale socket is replaced. log may be nil.
func Serve(dir string, lab Lab, log *slog.Logger) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l, err := listen(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{path: filepath.Join(dir, SocketFile)}
	if s.mine, err = os.Lstat(s.path); err != nil {
		l.Close()
		return nil, fmt.Errorf("look at the control socket: %w", err)
	}
	s.http = &http.Server{
		Handler: Handler(lab), ReadHeaderTimeout: 5 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	s.serving.Go(func() { s.serve(l, log) })
	return s, nil
}

func (s *Server) serve(l net.Listener, log *slog.Logger) {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		log.Error("the control socket ended", "err", err)
	}
}

// Close removes the socket, waits a moment for answers that are on their way, and ends
// the rest. Calling it again does nothing more.
func (s *Server) Close() error {
	s.closing.Do(func() {
		if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.mine) {
			s.err = os.Remove(s.path)
		}
		ctx, cancel := context.WithTimeout(context.Background(), closePatience)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			s.err = errors.Join(s.err, s.http.Close())
		}
		s.serving.Wait()
	})
	return s.err
}
