package proc

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// Parent is the child's view of the process that started it.
type Parent struct {
	mu      sync.Mutex
	up      *os.File
	gone    chan struct{}
	remains []string
}

// Inherit finds the pipes that a parent's Start left, once: it takes them out of the
// environment, so that processes started from here are not taken for supervised. It
// returns nil when nobody supervises this process; a nil Parent is valid.
func Inherit() *Parent {
	spec, ok := os.LookupEnv(childEnv)
	if !ok {
		return nil
	}
	os.Unsetenv(childEnv)
	remains := takeOver()
	collect()
	var up, down int
	if _, err := fmt.Sscanf(spec, "%d,%d", &up, &down); err != nil {
		return nil
	}
	syscall.CloseOnExec(up)
	syscall.CloseOnExec(down)
	p := &Parent{up: os.NewFile(uintptr(up), "parent-up"), gone: make(chan struct{}), remains: remains}
	// Ends with the process or with the parent, whichever is first: nothing waits for it.
	go func() {
		defer close(p.gone)
		io.Copy(io.Discard, os.NewFile(uintptr(down), "parent-down"))
	}()
	return p
}

// Tell sends n to the parent. It may be called concurrently. Without a parent it does nothing.
func (p *Parent) Tell(n Note) error {
	if p == nil {
		return nil
	}
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.up.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("tell the parent %q: %w", n.Kind, err)
	}
	return nil
}

// Gone is closed when the parent has ended. Without a parent it never is.
func (p *Parent) Gone() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.gone
}
