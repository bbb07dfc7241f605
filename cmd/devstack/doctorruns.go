package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"devstack/control"
	"devstack/timeline"
)

// runDirs are the run folders below root.
func runDirs(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look at the run folders: %w", err)
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, filepath.Join(root, e.Name()))
		}
	}
	return dirs, nil
}

// runStart is what a run said when it began.
type runStart struct {
	dir string
	timeline.Started
	known bool // it said anything
}

func readRunStart(dir string) runStart {
	r := runStart{dir: dir}
	file, err := os.Open(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		return r
	}
	defer file.Close()
	line, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil {
		return r
	}
	var e timeline.Event
	if json.Unmarshal(line, &e) == nil {
		r.Started, r.known = timeline.Payload[timeline.Started](e)
	}
	return r
}

// youth is how long a run that has said nothing yet counts as one that begins.
const youth = time.Minute

// alive reports whether the devstack of the run may still be there; in doubt it is.
func (r runStart) alive() bool {
	if !r.known {
		info, err := os.Stat(r.dir)
		return err == nil && time.Since(info.ModTime()) < youth
	}
	if processGone(r.PID) {
		return false
	}
	// The number may be another program's by now.
	args, ok := argsOf(r.PID)
	return !ok || slices.Contains(r.Args, "REDACTED") || len(args) > 0 && slices.Equal(args[1:], r.Args)
}

func staleSocket(dir string) []finding {
	if !control.Stale(dir) {
		return nil
	}
	path := filepath.Join(dir, control.SocketFile)
	return []finding{{what: "stale control socket " + shown(path), fix: func() error { return os.Remove(path) }}}
}

// tempFiles are what a write that was cut off left.
func tempFiles(dir string) []finding {
	paths, _ := filepath.Glob(filepath.Join(dir, "*.tmp"))
	var found []finding
	for _, path := range paths {
		found = append(found, finding{what: "temporary file " + shown(path), fix: func() error { return os.RemoveAll(path) }})
	}
	return found
}

// strayLinks are links on their way to become root/latest that never arrived.
func strayLinks(root string) []finding {
	paths, _ := filepath.Glob(filepath.Join(root, "latest.*"))
	var found []finding
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 || time.Since(info.ModTime()) < youth {
			continue
		}
		found = append(found, finding{what: "temporary link " + shown(path), fix: func() error { return os.Remove(path) }})
	}
	return found
}

// undo is a line of the undo record.
type undo struct {
	State string `json:"state"`
	timeline.Fault
}

// stateGone is the state of a fault that ended with the processes that had it.
const stateGone = "gone"

// unhealed are the faults of a run that was killed: a run that ends by itself ends them.
// What it did to its own processes went with them; what it did to a Consul that is not its
// own may still be there.
func unhealed(r runStart) []finding {
	path := filepath.Join(r.dir, timeline.FaultsFile)
	open := openUndos(path)
	if len(open) == 0 || endedWell(r.dir) {
		return nil
	}
	var found []finding
	for _, id := range slices.Sorted(maps.Keys(open)) {
		u := open[id]
		what := fmt.Sprintf("undo record of %s: fault %d (%s %s) was never healed", shown(r.dir), id, u.Kind, strings.Join(u.Targets, " "))
		if addr := r.foreignConsul(); addr != "" {
			found = append(found, finding{what: what, hint: fmt.Sprintf("look at the Consul at %s, then remove %s", addr, shown(path))})
			continue
		}
		found = append(found, finding{what: what, hint: "its processes are gone, and the fault with them",
			fix: func() error { return appendUndo(path, undo{State: stateGone, Fault: u.Fault}) }})
	}
	return found
}

func openUndos(path string) map[int]undo {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	open := map[int]undo{}
	for line := range strings.Lines(string(b)) {
		var u undo
		switch err := json.Unmarshal([]byte(line), &u); {
		case err != nil: // cut off: that fault was never in the world
		case u.State == "intended":
			open[u.ID] = u
		default:
			delete(open, u.ID)
		}
	}
	return open
}

// appendUndo adds a line to the record, whose own last line may be half a one.
func appendUndo(path string, u undo) error {
	line, err := json.Marshal(u)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.HasSuffix(b, []byte("\n")) {
		b = append(b, '\n')
	}
	return timeline.WriteFile(path, append(append(b, line...), '\n'))
}

// endedWell reports whether the record of dir goes on to the end of its run.
func endedWell(dir string) bool {
	file, err := os.Open(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		return false
	}
	defer file.Close()
	events, _ := timeline.Read(file)
	return slices.ContainsFunc(events, func(e timeline.Event) bool { return e.Type == timeline.RunEnded })
}

// foreignConsul is the address of the agent that the run did not start, "" if it did.
func (r runStart) foreignConsul() string {
	settings, _ := r.Config.(map[string]any)
	consul, _ := settings["consul"].(string)
	addr, _ := strings.CutPrefix(consul, "at ")
	if addr == consul {
		return ""
	}
	return addr
}
