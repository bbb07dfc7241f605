//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"devstack/internal/browser"
)

// believed is a check or a catalog that says of a dead replica that it passes.
var believed = regexp.MustCompile("pass(ing)? ?≠")

// TestPicturesOfTheTerminal takes the pictures of the terminal from a real kill-node, at the
// sizes that the view is made for: make pictures.
func TestPicturesOfTheTerminal(t *testing.T) {
	if !*pictures {
		t.Skip("only with -pictures")
	}
	dir, err := filepath.Abs("../../docs/pictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{108, 26}, {80, 24}, {60, 18}} {
		w, h := size[0], size[1]
		screen, _, _ := inTerminal(t, t.TempDir(), w, h, "scenario", "--watch", "--set", "interval=10s", "--http-port", freePort(t), "kill-node")
		// gRPC and the calls know that greeter-2 is gone, and Consul does not.
		if err := screen.Await(patience, "killed replica", func(s string) bool {
			return strings.Contains(s, "exited") && believed.MatchString(s) && strings.Contains(s, "131313")
		}); err != nil {
			t.Fatal(err)
		}
		title := fmt.Sprintf("devstack scenario --watch kill-node on a terminal of %d by %d, just after the kill", w, h)
		name := fmt.Sprintf("terminal-kill-node-%dx%d.svg", w, h)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(screen.SVG(title)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPicturesOfReports takes the pictures of reports from real runs, as far down as the share
// of each replica: make pictures.
func TestPicturesOfReports(t *testing.T) {
	if !*pictures {
		t.Skip("only with -pictures")
	}
	dir, err := filepath.Abs("../../docs/pictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range []string{"kill-node", "leader-kill"} {
		p := browser.Open(t, 1280, 720)
		p.Prefer("light", true)
		run := t.TempDir()
		cmd, _ := devstackIn(t, run, "scenario", story, "--out", run, "--http-port", freePort(t))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", story, err, out)
		}
		p.Go("file://" + filepath.Join(run, "latest", "report.html"))
		bottom := browser.Eval[float64](p, `[...document.querySelectorAll('figure')].at(1).getBoundingClientRect().bottom + scrollY`)
		p.Resize(1280, int(bottom)+24)
		settle(t, p, filepath.Join(dir, "report-"+story+".png"))
	}
}
