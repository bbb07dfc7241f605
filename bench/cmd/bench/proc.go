package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ticksPerSecond is the unit of /proc/PID/stat, which Linux fixes for programs.
const ticksPerSecond = 100

// process is what /proc/PID/stat tells.
type process struct {
	pid, parent int
	spent       time.Duration // processor time so far
}

func readProcess(pid int) (process, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // after the name, which may have spaces
	var n [3]int                                                        // parent, ticks in the program, ticks in the kernel
	for i, at := range []int{1, 11, 12} {
		if n[i], err = strconv.Atoi(fields[at]); err != nil {
			return process{}, fmt.Errorf("look at process %d: %w", pid, err)
		}
	}
	return process{pid: pid, parent: n[0], spent: time.Duration(n[1]+n[2]) * time.Second / ticksPerSecond}, nil
}

// family is pid and its children, theirs included.
func family(pid int) ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	children := map[int][]process{}
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		p, err := readProcess(n)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		children[p.parent] = append(children[p.parent], p)
	}
	head, err := readProcess(pid)
	if err != nil {
		return nil, err
	}
	all := []process{head}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i].pid]...)
	}
	return all, nil
}

// gone reports whether err says that a process ended while it was looked at.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

// spentBy is the processor time of pid and its children, and when that was.
func spentBy(pid int) (time.Duration, time.Time, error) {
	all, err := family(pid)
	var sum time.Duration
	for _, p := range all {
		sum += p.spent
	}
	return sum, time.Now(), err
}

// memoryOf is the proportional set size in bytes of pid and its children together.
func memoryOf(pid int) (int64, error) {
	all, err := family(pid)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, p := range all {
		kb, err := proportional(p.pid)
		if err != nil {
			return 0, err
		}
		sum += kb << 10
	}
	return sum, nil
}

// proportional is the proportional set size of one process, in KiB.
func proportional(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) > 1 && f[0] == "Pss:" {
			return strconv.ParseInt(f[1], 10, 64)
		}
	}
	return 0, fmt.Errorf("read the memory of process %d: no Pss in %q", pid, b)
}
