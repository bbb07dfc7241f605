package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"
)

// command is a program that dies with ctx and first gets the chance to clean up.
func (b *bench) command(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = b.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// measure runs a contender to its end and returns what it printed and the CPU time it took.
func (b *bench) measure(ctx context.Context, path string, args ...string) (out []byte, cpu time.Duration, err error) {
	cmd := b.command(ctx, path, args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err = cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("run %s: %w\n%s", path, err, complaint.Bytes())
	}
	return out, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

var listening = regexp.MustCompile(`msg=listening .*addr=(\S+)`)

// greeter starts one replica; more are flags of greeter serve.
func (b *bench) greeter(ctx context.Context, more ...string) (addr string, stop func() error, err error) {
	cmd := b.command(ctx, b.devstack, append([]string{"greeter", "serve"}, more...)...)
	log, err := cmd.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start a greeter: %w", err)
	}
	drained := make(chan struct{})
	found := make(chan string, 1)
	go func() {
		defer close(drained)
		defer close(found)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
				break
			}
		}
		io.Copy(io.Discard, log)
	}()
	stop = func() error {
		cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		return cmd.Wait()
	}
	addr, ok := <-found
	if !ok {
		return "", nil, errors.Join(errors.New("the greeter ended before it listened"), stop())
	}
	return addr, stop, nil
}
