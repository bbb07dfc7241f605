package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// markEnv marks the processes of one test: children inherit it, so whoever carries it
// was started by that test, at whatever distance.
const markEnv = "DEVSTACK_TEST_MARK"

func newMark() string { return rand.Text() }

// marked lists the live processes that carry mark, as "pid: command line". Zombies are
// not alive; signal 0 would say they are.
func marked(mark string) []string {
	var out []string
	envs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range envs {
		env, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(env, []byte(markEnv+"="+mark+"\x00")) {
			continue
		}
		dir := filepath.Dir(path)
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || len(line) == 0 {
			continue
		}
		out = append(out, filepath.Base(dir)+": "+strings.ReplaceAll(string(line), "\x00", " "))
	}
	return out
}

// awaitNoneLeft waits for the last marked process. A child that reads its parent's end of
// file needs a moment to go.
func awaitNoneLeft(mark string) error {
	deadline := time.Now().Add(15 * time.Second)
	for {
		left := marked(mark)
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("left running:\n%s", strings.Join(left, "\n"))
		}
		time.Sleep(5 * time.Millisecond)
	}
}
