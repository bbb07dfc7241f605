package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childMark is in the environment of every child that devstack starts; its value holds two
// file descriptors, of which the second is the pipe that tells the child to leave.
const childMark = "DEVSTACK_CHILD_FDS="

// leaveTime is what a child needs to see that its devstack is gone.
const leaveTime = time.Second

// orphans looks for children whose devstack is gone.
func orphans(ctx context.Context) (string, []finding, error) {
	pids := orphaned()
	if len(pids) > 0 {
		pause(ctx, leaveTime)
		still := orphaned()
		pids = slices.DeleteFunc(pids, func(pid int) bool { return !slices.Contains(still, pid) })
	}
	var found []finding
	for _, pid := range pids {
		args, _ := argsOf(pid)
		found = append(found, finding{
			what: fmt.Sprintf("process %d, whose devstack is gone: %s", pid, spoken(args)),
			fix:  func() error { return endOrphan(ctx, pid, args) },
		})
	}
	return "no process of a devstack that is gone", found, nil
}

// orphaned are the processes that are provably a devstack's children of this user, and
// provably without it: nobody else holds the pipe that tells them to leave, and their
// parent is not the program that they are.
func orphaned() []int {
	var out []int
	holders := pipeHolders()
	for _, pid := range processes() {
		pipe, ok := supervised(pid)
		if ok && len(holders[pipe]) == 1 && !parentIsSame(pid) {
			out = append(out, pid)
		}
	}
	return out
}

// supervised returns the pipe that a child of devstack waits on, by its name in /proc.
func supervised(pid int) (pipe string, ok bool) {
	info, err := os.Stat(procFile(pid))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) || !childArgs(pid) {
		return "", false
	}
	env, err := os.ReadFile(procFile(pid, "environ"))
	if err != nil {
		return "", false
	}
	for entry := range bytes.SplitSeq(env, []byte{0}) {
		if fds, mine := strings.CutPrefix(string(entry), childMark); mine {
			_, down, _ := strings.Cut(fds, ",")
			pipe, err = os.Readlink(procFile(pid, "fd", down))
			return pipe, err == nil
		}
	}
	return "", false
}

// childArgs reports whether pid was started as devstack starts its children.
func childArgs(pid int) bool {
	args, _ := argsOf(pid)
	if len(args) < 3 {
		return false
	}
	switch args[1] {
	case "greeter":
		return args[2] == "serve" || args[2] == "route"
	case "consul":
		return args[2] == "agent"
	}
	return args[1] == "reap"
}

// pipeHolders maps the name of an open file to the processes that hold it.
func pipeHolders() map[string][]int {
	holders := map[string][]int{}
	for _, pid := range processes() {
		fds, _ := filepath.Glob(procFile(pid, "fd", "*"))
		for _, fd := range fds {
			name, err := os.Readlink(fd)
			if err == nil && !slices.Contains(holders[name], pid) {
				holders[name] = append(holders[name], pid)
			}
		}
	}
	return holders
}

func parentIsSame(pid int) bool {
	parent, ok := parentOf(pid)
	if !ok {
		return true // in doubt it has one
	}
	mine, err := os.Readlink(procFile(pid, "exe"))
	if err != nil {
		return true
	}
	theirs, err := os.Readlink(procFile(parent, "exe"))
	return err == nil && mine == theirs
}

// parentOf reads the second word after the name in stat; the name may hold anything.
func parentOf(pid int) (int, bool) {
	b, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return 0, false
	}
	words := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(words) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(words[1])
	return parent, err == nil
}

// endOrphan asks, then kills, the process that was found, unless its number is somebody
// else's by now.
func endOrphan(ctx context.Context, pid int, args []string) error {
	for _, sig := range []syscall.Signal{syscall.SIGCONT, syscall.SIGTERM, syscall.SIGKILL} {
		if now, _ := argsOf(pid); processGone(pid) || !slices.Equal(now, args) {
			return nil
		}
		if err := syscall.Kill(pid, sig); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("end process %d: %w", pid, err)
		}
		for wait := time.Duration(0); sig != syscall.SIGCONT && wait < 3*time.Second && !processGone(pid); wait += 20 * time.Millisecond {
			pause(ctx, 20*time.Millisecond)
		}
	}
	if !processGone(pid) {
		return fmt.Errorf("process %d does not end", pid)
	}
	return nil
}

func processes() []int {
	var pids []int
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func procFile(pid int, more ...string) string {
	return filepath.Join(append([]string{"/proc", strconv.Itoa(pid)}, more...)...)
}

// argsOf is the command line of pid; false when it cannot be read.
func argsOf(pid int) ([]string, bool) {
	b, err := os.ReadFile(procFile(pid, "cmdline"))
	if err != nil || len(b) == 0 {
		return nil, false
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00"), true
}

// listener names the process that listens on a TCP port, "" when it cannot be seen.
func listener(port int) string {
	inode := ""
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, _ := os.ReadFile(table)
		for line := range strings.Lines(string(b)) {
			w := strings.Fields(line)
			const listening = "0A"
			if len(w) > 9 && w[3] == listening && strings.HasSuffix(w[1], fmt.Sprintf(":%04X", port)) {
				inode = w[9]
			}
		}
	}
	for _, pid := range pipeHolders()["socket:["+inode+"]"] {
		args, _ := argsOf(pid)
		return fmt.Sprintf("process %d: %s", pid, spoken(args))
	}
	return ""
}
