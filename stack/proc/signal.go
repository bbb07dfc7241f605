package proc

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Kill ends the process without asking (SIGKILL). The exit counts as ordered.
func (c *Child) Kill() error { return c.order(syscall.SIGKILL) }

// Terminate asks the process to end (SIGTERM). The exit counts as ordered.
func (c *Child) Terminate() error { return c.order(syscall.SIGTERM) }

// Pause stops the process where it is (SIGSTOP); its sockets stay open.
func (c *Child) Pause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.signal(syscall.SIGSTOP)
	c.paused = c.paused || err == nil
	return err
}

// Resume lets a paused process go on (SIGCONT); one that is not paused does not notice.
func (c *Child) Resume() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.signal(syscall.SIGCONT)
	c.paused = c.paused && err != nil
	return err
}

func (c *Child) order(sig syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ordered = true
	return c.signal(sig)
}

// signal sends sig to the target; c.mu is held. While the child has not been reaped its
// pid cannot be anybody else's: os.Process keeps that promise for the child itself, and
// a target of its own (a foreign Consul behind a reaper) is reaped by that child.
func (c *Child) signal(sig syscall.Signal) error {
	if !c.Running() {
		return fmt.Errorf("send %s to %s: %w", sig, c.spec.Name, ErrEnded)
	}
	var err error
	if c.target == c.cmd.Process.Pid {
		err = c.cmd.Process.Signal(sig)
	} else {
		err = syscall.Kill(c.target, sig)
	}
	if errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		err = ErrEnded
	}
	if err != nil {
		return fmt.Errorf("send %s to %s (pid %d): %w", sig, c.spec.Name, c.target, err)
	}
	return nil
}

// Stop ends the process: SIGCONT, so that a paused one can hear, SIGTERM, and after
// grace or when now is closed SIGKILL. It returns when the process has been reaped. A
// nil now never fires. Calling it again, or on a process that has ended, is harmless.
func (c *Child) Stop(grace time.Duration, now <-chan struct{}) Exit {
	c.Resume()
	c.Terminate()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.exit
	case <-timer.C:
	case <-now:
	}
	c.Kill()
	c.hold.Close() // a reaper that lost its target still leaves
	return c.Exit()
}
