// Package vterm is a terminal for tests: a pseudo-terminal with an emulator behind it, so
// that a test sees the screen that a person would see, not the bytes that made it.
package vterm

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a screen, a keyboard, and the file that a program sees as both. Its methods
// may be called concurrently.
type Terminal struct {
	Slave  *os.File // what the program gets
	master *os.File

	mu      sync.Mutex
	screen  *vt.Emulator
	copying sync.WaitGroup
}

// Open makes a terminal of w columns and h rows. Close it.
func Open(w, h int) (*Terminal, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	t := &Terminal{Slave: slave, master: master, screen: vt.NewEmulator(w, h)}
	if err := t.Resize(w, h); err != nil {
		master.Close()
		slave.Close()
		return nil, err
	}
	t.copying.Go(func() { io.Copy(writer(t.write), master) })
	t.copying.Go(func() { io.Copy(master, t.screen) }) // answers to what programs ask terminals
	return t, nil
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func (t *Terminal) write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.Write(b)
}

// Attach makes the terminal the one that cmd is run in.
func (t *Terminal) Attach(cmd *exec.Cmd) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.Slave, t.Slave, t.Slave
	control(cmd)
}

// Resize tells the program and the screen; w columns, h rows.
func (t *Terminal) Resize(w, h int) error {
	t.mu.Lock()
	t.screen.Resize(w, h)
	t.mu.Unlock()
	if err := pty.Setsize(t.master, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		return fmt.Errorf("resize the terminal: %w", err)
	}
	return nil
}

// Type is somebody at the keyboard.
func (t *Terminal) Type(keys string) { t.master.WriteString(keys) }

// Screen is the text on the screen, one line a row.
func (t *Terminal) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.String()
}

// FullScreen reports whether a program has the alternate screen.
func (t *Terminal) FullScreen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.IsAltScreen()
}

// Await waits until ok holds for the screen, and says what was there when it does not
// within limit.
func (t *Terminal) Await(limit time.Duration, what string, ok func(screen string) bool) error {
	for end := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		screen := t.Screen()
		if ok(screen) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("no %s on the screen after %s:\n%s", what, limit, screen)
		}
	}
}

// AwaitText waits for a text on one line.
func (t *Terminal) AwaitText(limit time.Duration, text string) error {
	return t.Await(limit, fmt.Sprintf("%q", text), func(screen string) bool { return strings.Contains(screen, text) })
}

// Close takes the terminal away.
func (t *Terminal) Close() {
	t.Slave.Close()
	t.screen.InputPipe().(io.Closer).Close() // the emulator's own Close races with its Read
	t.master.Close()
	t.copying.Wait()
}
