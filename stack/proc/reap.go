package proc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Reap runs a foreign program as the only child of this process and leaves with it. It
// stands between devstack and a program that knows nothing of the pipes: when the parent
// is gone the program is killed and its remains are cleared, SIGTERM and SIGINT are passed on, and the program's pid
// is told to the parent, so that faults hit the program and not its keeper. It returns
// the program's exit code.
func Reap(parent *Parent, path string, args []string) (int, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start %s: %w", path, err)
	}
	parent.Tell(Note{Kind: Listening, PID: cmd.Process.Pid})
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			cmd.Process.Signal(sig)
		case <-parent.Gone():
			cmd.Process.Kill()
			<-ended
			return 1, parent.Clear()
		case err := <-ended:
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				return 1, fmt.Errorf("wait for %s: %w", path, err)
			}
			return cmd.ProcessState.ExitCode(), nil
		}
	}
}
