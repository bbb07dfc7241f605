package terminal

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"go.uber.org/goleak"

	"devstack/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// emulator is a terminal that may be looked at while it is written to.
type emulator struct {
	mu sync.Mutex
	em *vt.Emulator
}

func (e *emulator) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.em.Write(b)
}

func (e *emulator) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.em.String()
}

func (e *emulator) alt() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.em.IsAltScreen()
}

// A whole run on a real pseudo-terminal with an emulator behind it: events are seen, a
// key breaks something, the end of the log ends the view and gives the terminal back.
func TestRunOnATerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	defer master.Close()
	defer slave.Close()
	pty.Setsize(master, &pty.Winsize{Cols: 80, Rows: 24})
	screen := &emulator{em: vt.NewEmulator(80, 24)}
	shown := make(chan struct{})
	go func() { defer close(shown); io.Copy(screen, master) }()
	answers := make(chan struct{})
	go func() { defer close(answers); io.Copy(master, screen.em) }()

	log := timeline.NewLog(time.Now())
	for _, e := range recorded(t)[:45] {
		log.Append(e)
	}
	r := &recorder{}
	ended := make(chan error, 1)
	go func() {
		_, err := Run(t.Context(), Config{Controls: r, Quit: log.Close, Colour: TrueColour, Keys: LiveKeys()}, log, slave, slave)
		ended <- err
	}()
	until := func(what string, ok func() bool) {
		t.Helper()
		for limit := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatalf("no %s on the screen:\n%s", what, screen.String())
			}
		}
	}
	until("ladder", func() bool { return strings.Contains(screen.String(), "▸ 1  ● running") })
	master.WriteString("2k")
	until("answer", func() bool { return strings.Contains(screen.String(), "kill greeter-2: done") })
	master.WriteString("q")
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("does not leave:\n%s", screen.String())
	}
	until("cursor outside the alternate screen", func() bool { return !screen.alt() })
	if r.list() != "inject kill greeter-2 1m0s" {
		t.Error(r.list())
	}
	slave.Close()
	screen.em.InputPipe().(io.Closer).Close() // its Close races with its Read
	master.Close()
	<-shown
	<-answers
}

// An action that hangs does not hold the screen, and does not outlive the view.
func TestActionsEndWithTheView(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	do := doing(ctx, &running)
	begun := make(chan struct{})
	cmd := do("hang", func(ctx context.Context) error { close(begun); <-ctx.Done(); return ctx.Err() })
	<-begun
	cancel()
	running.Wait()
	if msg := cmd(); msg != nil {
		if a, ok := msg.(answer); !ok || a.err == nil {
			t.Errorf("%v", msg)
		}
	}
}
