package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"devstack/control"
	"devstack/stack"
	"devstack/timeline"
)

// examined runs exams as the command does, and returns what it says and how it ends.
func examined(t *testing.T, fix bool, exams ...examination) (string, int) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	status := exitOK
	if err := examine(t.Context(), streams{out: out}, fix, exams); err != nil {
		var e *exit
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		status = e.status
	}
	b, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b), status
}

func exam(fine string, found ...finding) examination {
	return func(context.Context) (string, []finding, error) { return fine, found, nil }
}

func TestDoctorsVerdict(t *testing.T) {
	fixed := 0
	good := finding{what: "rust", fix: func() error { fixed++; return nil }}
	stubborn := finding{what: "age", hint: "patience"}
	failing := finding{what: "crack", fix: func() error { return errors.New("no glue") }}
	for name, x := range map[string]struct {
		fix    bool
		exam   examination
		status int
		says   string
		fixed  int
	}{
		"clean":          {false, exam("all well"), 0, "ok      all well\n", 0},
		"found":          {false, exam("", good), 1, "found   rust\n", 0},
		"fixed":          {true, exam("", good), 0, "fixed   rust\n", 1},
		"cannot":         {true, exam("", stubborn), 1, "found   age\n        patience\n", 0},
		"does not work":  {true, exam("", failing), 1, "found   crack\n        no glue\n", 0},
		"not everything": {true, exam("", good, stubborn), 1, "fixed   rust\nfound   age\n        patience\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			fixed = 0
			says, status := examined(t, x.fix, x.exam)
			if says != x.says || status != x.status || fixed != x.fixed {
				t.Errorf("says %q, ends with %d, fixed %d", says, status, fixed)
			}
		})
	}
}

// deadRun is the folder of a run that was killed with two of its three faults open.
func deadRun(t *testing.T, root string, begun timeline.Started) string {
	t.Helper()
	dir, err := timeline.NewFolder(root, "up", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	log := timeline.NewLog(time.Now())
	log.Append(timeline.Event{Type: timeline.RunStarted, Src: "devstack", D: begun})
	log.Close()
	events, err := os.Create(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.WriteTo(t.Context(), events), events.Close()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, timeline.FaultsFile), `{"state":"intended","id":1,"kind":"kill","targets":["greeter-1"]}
{"state":"healed","id":1,"kind":"kill","targets":["greeter-1"]}
{"state":"intended","id":2,"kind":"pause","targets":["greeter-2"]}
{"state":"intended","id":3,"kind":"maintenance","targets":["greeter-3"]}
{"state":"intended","id":4,"ki`)
	write(t, filepath.Join(dir, "run.json.tmp"), "{")
	access := filepath.Join(dir, stack.ConsulDir, "access")
	if err := os.MkdirAll(access, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(access, "operator-token"), "secret")
	l, err := net.Listen("unix", filepath.Join(dir, control.SocketFile))
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// nobody is a process number that no process has.
const nobody = 1 << 30

func TestDoctorCleansAfterADeadRun(t *testing.T) {
	root := t.TempDir()
	dir := deadRun(t, root, timeline.Started{PID: nobody, Args: []string{"up"}})
	names := func() (out []string) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	before := names()
	says, status := examined(t, false, leftovers(root))
	if status != exitFailed || strings.Count(says, "found   ") != 5 || !strings.Contains(says, "fault 2 (pause greeter-2) was never healed") {
		t.Errorf("ends with %d and says\n%s", status, says)
	}
	if after := names(); !slices.Equal(before, after) {
		t.Errorf("looking changed %v to %v", before, after)
	}
	if says, status = examined(t, true, leftovers(root)); status != exitOK || strings.Count(says, "fixed   ") != 5 {
		t.Errorf("ends with %d and says\n%s", status, says)
	}
	if after, want := names(), []string{"events.ndjson", "faults.ndjson", "logs"}; !slices.Equal(after, want) {
		t.Errorf("left %v, want %v", after, want)
	}
	if says, status = examined(t, false, leftovers(root)); status != exitOK {
		t.Errorf("not clean afterwards:\n%s", says)
	}
}

// The next run does not wait for a doctor.
func TestTheNextRunForgetsADeadOnesSecrets(t *testing.T) {
	root := t.TempDir()
	dead := filepath.Join(deadRun(t, root, timeline.Started{PID: nobody}), stack.ConsulDir)
	alive := filepath.Join(deadRun(t, root, timeline.Started{PID: os.Getpid(), Args: os.Args[1:]}), stack.ConsulDir)
	s, err := newSession(root, "up", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there (%v)", dead, err)
	}
	if _, err := os.Stat(alive); err != nil {
		t.Error(err)
	}
}

// What a dead run did to a Consul of somebody else's may still be there: nothing here may
// say that it is not.
func TestDoctorDoesNotTouchAForeignConsul(t *testing.T) {
	root := t.TempDir()
	dir := deadRun(t, root, timeline.Started{PID: nobody, Config: map[string]string{"consul": "at 127.0.0.1:8500"}})
	record := filepath.Join(dir, timeline.FaultsFile)
	before, _ := os.ReadFile(record)
	says, status := examined(t, true, leftovers(root))
	if status != exitFailed || strings.Count(says, "look at the Consul at 127.0.0.1:8500") != 2 {
		t.Errorf("ends with %d and says\n%s", status, says)
	}
	if after, _ := os.ReadFile(record); string(after) != string(before) {
		t.Errorf("the undo record has changed:\n%s", after)
	}
}

// This process is alive, and has the arguments that the record tells of.
func TestDoctorLeavesALivingRunAlone(t *testing.T) {
	root := t.TempDir()
	deadRun(t, root, timeline.Started{PID: os.Getpid(), Args: os.Args[1:]})
	if says, status := examined(t, true, leftovers(root)); status != exitOK {
		t.Errorf("ends with %d and says\n%s", status, says)
	}
}

func TestDoctorKnowsANumberThatIsAnothersByNow(t *testing.T) {
	root := t.TempDir()
	deadRun(t, root, timeline.Started{PID: os.Getpid(), Args: []string{"up", "--rate", "12345"}})
	if says, status := examined(t, false, leftovers(root)); status != exitFailed {
		t.Errorf("ends with %d and says\n%s", status, says)
	}
}

func TestSpoken(t *testing.T) {
	got := spoken([]string{"x", "--consul-token", "hush", "a\nb", strings.Repeat("ä", 100)})
	if got != "x --consul-token REDACTED a …" {
		t.Error(got)
	}
	if got := spoken([]string{strings.Repeat("ä", 100)}); got != strings.Repeat("ä", 80)+" …" {
		t.Error(got)
	}
}
