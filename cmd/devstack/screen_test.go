//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/term"

	"devstack/internal/vterm"
	"devstack/timeline"
)

// patience is how long a screen may take to show something on a busy machine.
const patience = 30 * time.Second

// inTerminal starts devstack as a person would, in dir, on a terminal of w by h.
func inTerminal(t *testing.T, dir string, w, h int, args ...string) (*vterm.Terminal, *exec.Cmd, string) {
	t.Helper()
	screen, err := vterm.Open(w, h)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(screen.Close)
	cmd, mark := devstackIn(t, dir, args...)
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "COLORTERM=truecolor")
	screen.Attach(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return screen, cmd, mark
}

func see(t *testing.T, screen *vterm.Terminal, keys, want string) {
	t.Helper()
	screen.Type(keys)
	if err := screen.AwaitText(patience, want); err != nil {
		t.Fatal(err)
	}
}

// The whole way of a person: it comes up, a key kills a replica, the ladder says so, the
// window gets smaller, q leaves; the terminal is as it was and nobody is left.
func TestUpOnATerminal(t *testing.T) {
	dir := t.TempDir()
	screen, cmd, mark := inTerminal(t, dir, 108, 26, "up")
	was, err := term.GetState(int(screen.Slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	see(t, screen, "", "● LIVE")
	see(t, screen, "2", "▸ 2  greeter-2  ● running")
	see(t, screen, "k", "▸ 2  greeter-2  ✕ exited")
	see(t, screen, "", "injected: kill greeter-2, ")
	see(t, screen, "", "○ absent") // the resolver has heard of it
	if err := screen.Resize(60, 18); err != nil {
		t.Fatal(err)
	}
	see(t, screen, "", "┌─ devstack ─ up ")
	if err := screen.Await(patience, "frame of 60 by 18", func(s string) bool {
		lines := strings.Split(s, "\n")
		return len(lines) == 18 && strings.HasPrefix(lines[17], "└─ k kill") && strings.HasSuffix(strings.TrimRight(lines[17], " "), "┘")
	}); err != nil {
		t.Error(err)
	}
	see(t, screen, "h", "nothing is injected")
	see(t, screen, "q", "interrupted: ")
	if err := cmd.Wait(); err != nil {
		t.Errorf("after q: %v\n%s", err, screen.Screen())
	}
	if err := awaitNoneLeft(mark); err != nil {
		t.Error(err)
	}
	if now, err := term.GetState(int(screen.Slave.Fd())); err != nil || *now != *was || screen.FullScreen() {
		t.Errorf("the terminal is not as it was: full screen %v, %v", screen.FullScreen(), err)
	}
	run := latestEvents(t, dir)
	for _, want := range []timeline.Type{timeline.FaultInjected, timeline.FaultHealed, timeline.RunEnded} {
		if !run[want] {
			t.Errorf("no %s in the record", want)
		}
	}
	replayOnATerminal(t, dir)
}

// replayOnATerminal plays what the run recorded.
func replayOnATerminal(t *testing.T, dir string) {
	screen, cmd, _ := inTerminal(t, dir, 80, 24, "replay", "latest", "--speed", "0.1")
	see(t, screen, "", "▸ REPLAY 0.1×")
	see(t, screen, " ", "PAUSED")
	see(t, screen, "\x1b[F", "END OF RECORD")
	see(t, screen, "\x1b[H", "PAUSED")
	see(t, screen, "q", "RPCs, ")
	if err := cmd.Wait(); err != nil || screen.FullScreen() {
		t.Errorf("%v, full screen %v", err, screen.FullScreen())
	}
}

func latestEvents(t *testing.T, dir string) map[timeline.Type]bool {
	t.Helper()
	events, err := readRecord(filepath.Join(dir, timeline.DefaultRoot, "latest"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[timeline.Type]bool{}
	for _, e := range events {
		seen[e.Type] = true
	}
	return seen
}

// A record that was cut off in the middle of a line is good up to there.
func TestACutRecordIsGoodUpToThere(t *testing.T) {
	dir := t.TempDir()
	record := `{"v":1,"seq":1,"t":1,"type":"log.line","src":"devstack","sev":"info","msg":"whole"}` + "\n" + `{"v":1,"se`
	if err := os.WriteFile(filepath.Join(dir, timeline.EventsFile), []byte(record), 0o644); err != nil {
		t.Fatal(err)
	}
	if events, err := readRecord(dir); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// Ctrl-C twice does not wait, and the window being closed is an order to stop.
func TestTheScreenAndSignals(t *testing.T) {
	for name, leave := range map[string]func(*vterm.Terminal){
		"ctrl-c twice": func(s *vterm.Terminal) { s.Type("\x03"); s.Type("\x03") },
		"hang-up":      (*vterm.Terminal).Close,
	} {
		t.Run(name, func(t *testing.T) {
			screen, cmd, mark := inTerminal(t, t.TempDir(), 80, 24, "up")
			see(t, screen, "", "● LIVE")
			leave(screen)
			cmd.Wait()
			if err := awaitNoneLeft(mark); err != nil {
				t.Error(err)
			}
		})
	}
}

// --plain, a dumb terminal and NO_COLOR are obeyed on a real terminal.
func TestPlainOnATerminal(t *testing.T) {
	screen, cmd, _ := inTerminal(t, t.TempDir(), 100, 40, "up", "--plain", "--for", "1s")
	see(t, screen, "", "after 1s: ")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if screen.FullScreen() {
		t.Error("the full screen in spite of --plain")
	}
}

// A scenario with a gate waits for the key, and its verdict stays on the normal screen.
func TestWatchAScenarioStepByStep(t *testing.T) {
	screen, cmd, _ := inTerminal(t, t.TempDir(), 108, 26, "scenario", "kill-node", "--watch", "--step")
	deadline := time.Now().Add(2 * patience)
	for !strings.Contains(screen.Screen(), "PASS") || screen.FullScreen() {
		if strings.Contains(screen.Screen(), " n next ") {
			screen.Type("n")
		}
		if time.Now().After(deadline) {
			t.Fatalf("no verdict:\n%s", screen.Screen())
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
