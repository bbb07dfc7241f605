package proc

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary plays the children.
func TestMain(m *testing.M) {
	switch os.Getenv("PROC_TEST_ROLE") {
	case "":
		goleak.VerifyTestMain(m)
	case "serve":
		serve()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		serve()
	case "die":
		fmt.Println("first words")
		fmt.Println("last words")
		os.Exit(7)
	case "parent":
		parent()
	case "collector":
		p := Inherit()
		percent := debug.SetGCPercent(100)
		p.Tell(Note{Kind: "collector", Err: fmt.Sprintf("%d %q", percent, os.Getenv("GOGC"))})
	}
}

// serve tells its address and lives until it is asked to go or its parent is gone.
func serve() {
	p := Inherit()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	p.Tell(Note{Kind: Listening, Addr: "127.0.0.1:1"})
	select {
	case <-stop:
	case <-p.Gone():
		p.Clear()
		os.Exit(9)
	}
}

// parent starts a child of its own, prints its pid, and waits to be killed.
func parent() {
	os.Setenv("PROC_TEST_ROLE", "serve")
	heard := make(chan Note, 1)
	c, err := Start(Spec{
		Name: "grandchild", Path: os.Args[0], LogPath: os.Getenv("PROC_TEST_LOG"), OnNote: func(n Note) { heard <- n },
		Remains: []string{os.Getenv("PROC_TEST_REMAINS")},
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	<-heard
	if os.Getenv("PROC_TEST_PAUSE") != "" {
		c.Pause()
	}
	fmt.Println(c.PID())
	select {}
}

func start(t *testing.T, role string, onNote func(Note)) *Child {
	t.Helper()
	c, err := Start(Spec{
		Name: role, Path: os.Args[0], LogPath: filepath.Join(t.TempDir(), role+".log"),
		Env: append(os.Environ(), "PROC_TEST_ROLE="+role), OnNote: onNote,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Kill(); c.Exit() })
	return c
}

func listening(t *testing.T, role string) *Child {
	t.Helper()
	heard := make(chan struct{})
	c := start(t, role, func(n Note) {
		if n.Kind == Listening && n.Addr == "127.0.0.1:1" {
			close(heard)
		}
	})
	select {
	case <-heard:
	case <-c.Done():
		t.Fatalf("%s ended before it listened: %+v", role, c.Exit())
	}
	return c
}

func TestPoliteStop(t *testing.T) {
	c := listening(t, "serve")
	exit := c.Stop(30*time.Second, nil)
	if exit.Code != 0 || !exit.Ordered {
		t.Errorf("ended with %q, ordered %v; want a clean, ordered end", exit.Status, exit.Ordered)
	}
	if again := c.Stop(time.Second, nil); again.PID != exit.PID {
		t.Errorf("a second Stop told of another process: %+v", again)
	}
	if err := c.Kill(); !errors.Is(err, ErrEnded) {
		t.Errorf("signalling an ended child gave %v, want ErrEnded", err)
	}
}

func TestStubbornChildIsKilled(t *testing.T) {
	c := listening(t, "stubborn")
	now := make(chan struct{})
	close(now) // no patience at all
	if exit := c.Stop(time.Hour, now); exit.Status != "signal: killed" {
		t.Errorf("ended with %q, want a kill", exit.Status)
	}
}

func TestPausedChildStops(t *testing.T) {
	c := listening(t, "serve")
	if err := c.Pause(); err != nil || !c.Paused() {
		t.Fatalf("Pause: %v, paused %v", err, c.Paused())
	}
	if exit := c.Stop(30*time.Second, nil); exit.Code != 0 {
		t.Errorf("ended with %q; a paused child must hear SIGTERM after its SIGCONT", exit.Status)
	}
}

func TestDeathBringsLastWords(t *testing.T) {
	c := start(t, "die", nil)
	exit := c.Exit()
	if exit.Code != 7 || exit.Ordered {
		t.Errorf("code %d, ordered %v; want 7 and a death nobody ordered", exit.Code, exit.Ordered)
	}
	text := exit.Error()
	for _, want := range []string{"die (pid ", "exit status 7", "last words", "log: "} {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q:\n%s", want, text)
		}
	}
}

func TestExitIsSeenOnceByEverybody(t *testing.T) {
	c := listening(t, "serve")
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			if exit := c.Exit(); exit.Status != "signal: killed" {
				t.Errorf("saw %q", exit.Status)
			}
		})
	}
	c.Kill()
	waiting.Wait()
}

func TestStartUndoesItself(t *testing.T) {
	before := openFiles(t)
	if _, err := Start(Spec{Name: "nobody", Path: "/no/such/program", LogPath: filepath.Join(t.TempDir(), "x.log")}); err == nil {
		t.Fatal("started a program that does not exist")
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d descriptors open, %d before", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Skip("no /dev/fd here")
	}
	return len(fds)
}

// A child ends when its parent is killed, even while it is stopped and cannot read.
func TestChildDoesNotOutliveItsParent(t *testing.T) {
	for _, pause := range []string{"", "yes"} {
		t.Run("paused="+pause, func(t *testing.T) { mustEnd(t, killedParent(t, pause)) })
	}
}

// What a parent that was killed can no longer remove, its child does, whatever its name.
func TestChildClearsWhatItsParentLeft(t *testing.T) {
	for _, pause := range []string{"", "yes"} {
		t.Run("paused="+pause, func(t *testing.T) {
			remains := filepath.Join(t.TempDir(), "keys: \"all\"")
			if err := os.MkdirAll(filepath.Join(remains, "secret"), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PROC_TEST_REMAINS", remains)
			mustEnd(t, killedParent(t, pause))
			if _, err := os.Stat(remains); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there (%v)", remains, err)
			}
		})
	}
}

// killedParent is the pid of a child whose parent was killed a moment ago.
func killedParent(t *testing.T, pause string) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PROC_TEST_ROLE=parent", "PROC_TEST_PAUSE="+pause, "PROC_TEST_LOG="+filepath.Join(t.TempDir(), "g.log"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	cmd.Process.Kill()
	cmd.Wait()
	var pid int
	if _, scanErr := fmt.Sscan(line, &pid); err != nil || scanErr != nil {
		t.Fatalf("the parent said %q: %v", line, err)
	}
	return pid
}

// mustEnd fails the test, and ends pid itself, when pid does not go.
func mustEnd(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for alive(pid) {
		if time.Now().After(deadline) {
			syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("process %d outlived its parent", pid)
		}
		time.Sleep(time.Millisecond)
	}
}

// alive is false for a zombie, which signal 0 would call alive.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestReapPassesSignalsAndNamesItsTarget(t *testing.T) {
	if _, err := Reap(nil, "/no/such/program", nil); err == nil {
		t.Error("reaped a program that does not exist")
	}
	status, err := Reap(nil, "/bin/sh", []string{"-c", "exit 5"})
	if err != nil || status != 5 {
		t.Errorf("status %d, %v; want 5", status, err)
	}
}

// Who starts quickly collects garbage all the same, and so do its own children.
func TestQuickStartEndsWithInherit(t *testing.T) {
	t.Setenv("PROC_TEST_ROLE", "collector")
	heard := make(chan Note, 1)
	c, err := Start(Spec{
		Name: "child", Path: os.Args[0], Env: append(os.Environ(), QuickStart), LogPath: filepath.Join(t.TempDir(), "log"),
		OnNote: func(n Note) { heard <- n },
	})
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if n := <-heard; n.Err != `100 ""` {
		t.Errorf("the child's percentage and GOGC: %s", n.Err)
	}
}
