package control

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

func start(t *testing.T, dir string, lab Lab) *Client {
	t.Helper()
	s, err := Serve(dir, lab, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(dir)
	t.Cleanup(func() {
		c.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestSocketIsForThisUserAlone(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, newFake())
	info, err := os.Stat(filepath.Join(dir, SocketFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// A socket address has 108 bytes; a run folder may be anywhere.
func TestLongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30), strings.Repeat("er", 30))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c := start(t, dir, newFake())
	if s, err := c.Status(t.Context()); err != nil || s.State != Running {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestCloseRemovesTheSocket(t *testing.T) {
	dir := t.TempDir()
	s, err := Serve(dir, newFake(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if alive, err := Alive(dir); alive || err != nil {
		t.Errorf("alive %v, %v", alive, err)
	}
}

// stale leaves a socket that nobody listens on, as SIGKILL does.
func stale(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, SocketFile)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStaleSocketIsRecognisedAndRemoved(t *testing.T) {
	dir := t.TempDir()
	path := stale(t, dir)
	for range 2 {
		if !Stale(dir) {
			t.Error("not stale, or looking at it changed it")
		}
	}
	c := NewClient(dir)
	defer c.Close()
	_, err := c.Status(t.Context())
	if !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), "stale") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	dir := t.TempDir()
	stale(t, dir)
	c := start(t, dir, newFake())
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
}

// A server does not take away the socket of whoever came after it.
func TestCloseLeavesAnothersSocket(t *testing.T) {
	dir := t.TempDir()
	first, err := Serve(dir, newFake(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, dir, newFake())
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
}

// A follower that does not read does not hold the end up: it is cut off.
func TestCloseDoesNotWaitForASleeper(t *testing.T) {
	dir, lab := t.TempDir(), newFake()
	s, err := Serve(dir, lab, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("GET " + eventsPath + "?follow=true HTTP/1.1\r\nHost: x\r\n\r\n"))
	if _, err := conn.Read(make([]byte, 1)); err != nil { // it follows, and falls asleep
		t.Fatal(err)
	}
	long := strings.Repeat("x", 1<<16)
	for range 64 {
		lab.log.Append(timeline.Event{Type: timeline.LogLine, Src: "test", Msg: long})
	}
	s.Close()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the stream of a closed server is still open")
	}
}
