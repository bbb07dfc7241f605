package proc

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// Spec says what to start. Path and LogPath are required.
type Spec struct {
	Name    string // for errors
	Path    string
	Args    []string   // without the program's own name
	Env     []string   // nil: the parent's
	LogPath string     // standard output and error are appended here
	OnNote  func(Note) // called for each note, in order, from one goroutine; nil: nobody listens
	Remains []string   // paths that the child removes when this process ends before it; see Parent.Clear
}

// Child is a started process. Its methods may be called concurrently.
type Child struct {
	spec    Spec
	cmd     *exec.Cmd
	started time.Time
	hold    *os.File // the write end of the down pipe; its closing tells the child to leave

	mu      sync.Mutex
	ordered bool
	paused  bool
	target  int // the process that signals are for

	done chan struct{}
	exit Exit // valid once done is closed
}

// Exit is how a child ended.
type Exit struct {
	PID     int
	Name    string
	Status  string // as the operating system tells it: "exit status 1", "signal: killed"
	Code    int    // exit code, −1 for a signal
	Ordered bool   // somebody here asked for it
	Uptime  time.Duration
	LogPath string
	Tail    []string // the last lines it wrote
}

// Error describes the end, with the last lines and where the rest is.
func (e *Exit) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (pid %d) ended after %s: %s", e.Name, e.PID, e.Uptime.Round(time.Millisecond), e.Status)
	for _, line := range e.Tail {
		fmt.Fprintf(&b, "\n    %s", line)
	}
	if e.LogPath != "" {
		fmt.Fprintf(&b, "\n    log: %s", e.LogPath)
	}
	return b.String()
}

// ErrEnded is what signalling a child that has already exited gives.
var ErrEnded = errors.New("process has already ended")

// Start runs spec. On an error nothing is left behind. The child lives until it exits,
// is stopped, or this process ends.
func Start(spec Spec) (*Child, error) {
	c, notes, err := launch(spec)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	var reading sync.WaitGroup
	reading.Go(func() { c.readNotes(notes) })
	// Reaps the child, exactly once; whoever wants to wait waits for done.
	go func() {
		err := c.cmd.Wait()
		c.hold.Close()
		reading.Wait() // the child held the only write end, so this ends now
		c.finish(err)
	}()
	return c, nil
}

// launch opens log and pipes and starts the process; it undoes all of it on an error.
func launch(spec Spec) (*Child, *os.File, error) {
	log, err := os.OpenFile(spec.LogPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, nil, err
	}
	defer log.Close() // the child has its own descriptor
	notes, up, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer up.Close()
	down, hold, err := os.Pipe()
	if err != nil {
		notes.Close()
		return nil, nil, err
	}
	defer down.Close()

	env := spec.Env
	if env == nil {
		env = os.Environ()
	}
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{up, down}
	cmd.Env = slices.Concat(env, []string{childEnv + "=3,4"}, handOver(spec.Remains))
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		notes.Close()
		hold.Close()
		return nil, nil, err
	}
	return &Child{
		spec: spec, cmd: cmd, started: time.Now(), hold: hold,
		target: cmd.Process.Pid, done: make(chan struct{}),
	}, notes, nil
}

func (c *Child) readNotes(notes *os.File) {
	defer notes.Close()
	for lines := bufio.NewScanner(notes); lines.Scan(); {
		var n Note
		if json.Unmarshal(lines.Bytes(), &n) != nil {
			continue // not ours: a library of the child found the descriptor
		}
		if n.Kind == Listening && n.PID != 0 {
			c.mu.Lock()
			c.target = n.PID
			c.mu.Unlock()
		}
		if c.spec.OnNote != nil {
			c.spec.OnNote(n)
		}
	}
}

func (c *Child) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.cmd.ProcessState
	status := state.String()
	if err != nil && state == nil {
		status = err.Error()
	}
	c.exit = Exit{
		PID: c.cmd.Process.Pid, Name: c.spec.Name, Status: status, Code: state.ExitCode(), Ordered: c.ordered,
		Uptime: time.Since(c.started), LogPath: c.spec.LogPath, Tail: Tail(c.spec.LogPath, 12),
	}
	close(c.done)
}

// PID is the process that signals are for.
func (c *Child) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.target
}

// Done is closed once the process has been reaped and all its notes were heard.
func (c *Child) Done() <-chan struct{} { return c.done }

// Exit waits for the end and tells how it was.
func (c *Child) Exit() Exit {
	<-c.done
	return c.exit
}

// Running reports whether the process has not been reaped yet.
func (c *Child) Running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// Paused reports whether the last Pause was not followed by a Resume.
func (c *Child) Paused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paused
}
