package terminal

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"devstack/internal/vterm"
	"devstack/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// A whole run on a real pseudo-terminal with an emulator behind it: events are seen, a
// key breaks something, the end of the log ends the view and gives the terminal back.
func TestRunOnATerminal(t *testing.T) {
	term, err := vterm.Open(80, 24)
	if err != nil {
		t.Skip(err)
	}
	defer term.Close()
	log := timeline.NewLog(time.Now())
	for _, e := range recorded(t)[:45] {
		log.Append(e)
	}
	r := &recorder{}
	ended := make(chan error, 1)
	go func() {
		_, err := Run(t.Context(), Config{Controls: r, Quit: log.Close, Colour: TrueColour, Keys: LiveKeys()}, log, term.Slave, term.Slave)
		ended <- err
	}()
	for _, do := range []struct{ keys, want string }{
		{"", "▸ 1  ● running"}, {"2", "▸ 2  ● running"}, {"k", "kill greeter-2: done"}, {"f", "FROZEN"}, {"f", "LIVE"}, {"?", "SIGKILL, no goodbye"},
	} {
		term.Type(do.keys)
		if err := term.AwaitText(patience, do.want); err != nil {
			t.Error(err)
		}
	}
	term.Type("q")
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatalf("does not leave:\n%s", term.Screen())
	}
	if err := term.Await(patience, "way out of the full screen", func(string) bool { return !term.FullScreen() }); err != nil {
		t.Error(err)
	}
	if got := strings.Join(r.did, ", "); got != "inject kill greeter-2 1m0s" {
		t.Error(got)
	}
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
