package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"devstack/timeline"
)

// session is one run: its folder, its clock, its record on disk.
type session struct {
	Dir string
	Log *timeline.Log

	followers sync.WaitGroup
	mu        sync.Mutex
	err       error
}

// newSession makes the run folder and starts the record. It removes the secrets that a run
// left which was killed.
func newSession(root, name string, now time.Time) (*session, error) {
	dir, err := timeline.NewFolder(root, name, now)
	if err != nil {
		return nil, &exit{status: exitStack, err: err, hint: "choose another folder: --out DIR"}
	}
	if err := forgetDead(root); err != nil {
		return nil, &exit{status: exitStack, err: err, hint: "devstack doctor"}
	}
	s := &session{Dir: dir, Log: timeline.NewLog(now)}
	file, err := os.Create(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		return nil, &exit{status: exitStack, err: fmt.Errorf("record events: %w", err)}
	}
	s.follow(func(ctx context.Context) error {
		return errors.Join(s.Log.WriteTo(ctx, file), file.Close())
	})
	return s, nil
}

// follow runs f beside the run until the log is closed; close waits for it.
func (s *session) follow(f func(context.Context) error) {
	s.followers.Go(func() {
		if err := f(context.Background()); err != nil {
			s.mu.Lock()
			s.err = errors.Join(s.err, err)
			s.mu.Unlock()
		}
	})
}

// ndjson prints the event log as it grows.
func (s *session) ndjson(w io.Writer) {
	s.follow(func(ctx context.Context) error { return s.Log.WriteTo(ctx, w) })
}

// each calls f with every event, in order.
func (s *session) each(f func(timeline.Event)) {
	s.follow(func(ctx context.Context) error {
		return s.Log.Follow(ctx, 0, func(e timeline.Event) error { f(e); return nil })
	})
}

// close ends the record and waits until everybody has read it to its end.
func (s *session) close() error {
	s.Log.Close()
	s.followers.Wait()
	return s.err
}

// begin is the first event: what was asked for.
func (s *session) begin(name string, config any, seed uint64) {
	s.Log.Append(timeline.Event{Type: timeline.RunStarted, Src: "devstack", Msg: "run " + name + " started", D: timeline.Started{
		Wall: s.Log.Start().UTC().Format(time.RFC3339Nano), Name: name, Args: redacted(os.Args[1:]), PID: os.Getpid(),
		Versions: versions(), Config: config, Seed: seed,
	}})
}

// redacted takes secrets out of a command line.
func redacted(args []string) []string {
	out := make([]string, len(args))
	hide := false
	for i, a := range args {
		switch {
		case hide:
			out[i], hide = "REDACTED", false
		case a == "--consul-token" || a == "-consul-token":
			out[i], hide = a, true
		case len(a) > 14 && (a[:15] == "--consul-token=" || a[:14] == "-consul-token="):
			out[i] = "--consul-token=REDACTED"
		default:
			out[i] = a
		}
	}
	return out
}

// interrupts is what signals do to a run: the first ends ctx, with errInterrupted as its
// cause; the second calls hurry. release gives the signals back.
func interrupts(ctx context.Context, hurry func()) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-signals:
				if n == 1 {
					cancel(errInterrupted)
				} else {
					hurry()
				}
			case <-done:
				return
			}
		}
	})
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		waiting.Wait()
		cancel(nil)
	}
}
