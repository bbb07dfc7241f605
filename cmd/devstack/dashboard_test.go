//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devstack/internal/browser"
	"devstack/timeline"
)

var pictures = flag.Bool("pictures", false, "take the pictures of docs/pictures anew")

// upForBrowser is a stack with a dashboard, and the dashboard's URL.
func upForBrowser(t *testing.T, args ...string) (cmd *exec.Cmd, mark, url string) {
	t.Helper()
	cmd, mark = devstackIn(t, t.TempDir(), append([]string{"up", "--dashboard", "127.0.0.1:0", "--format", "ndjson"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e timeline.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if ready, ok := timeline.Payload[timeline.Ready](e); ok && e.Type == timeline.StackReady {
			go io.Copy(io.Discard, out) // ends with the process
			return cmd, mark, ready.Dashboard
		}
	}
	t.Fatal("devstack never was ready")
	return nil, "", ""
}

func cell(n, css string) string {
	return `document.querySelector('#row-greeter-` + n + ` ` + css + `').textContent`
}

// A click in a real browser kills a real process, everybody notices, and Heal brings it back.
func TestDashboardKillsAndHeals(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	cmd, mark, url := upForBrowser(t)
	p.Go(url)
	p.Wait(cell("2", ".number") + ` === '33 %'`)
	p.Press("2")
	p.Wait(`document.querySelector('#kill').getAttribute('aria-label').includes('greeter-2')`)
	p.Click("#kill")
	p.Wait(cell("2", ".process") + `.includes('exited')`)
	p.Wait(cell("2", ".number") + ` === '0 %'`)
	p.Wait(`document.querySelector('#fall h2').textContent.includes('kill greeter-2') && document.querySelectorAll('#fall li.seen').length >= 1`)
	p.Wait(`document.querySelectorAll('#fall li.seen').length >= 5`) // Consul too, and the resolver
	p.Click("#open li button")
	p.Wait(cell("2", ".process") + `.includes('running') && ` + cell("2", ".number") + ` !== '0 %'`)
	p.Wait(`document.querySelector('#open').className === 'none'`)
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
	if s := p.Strays(url); len(s) > 0 || p.Requests() == 0 {
		t.Errorf("requests elsewhere: %q, of %d", s, p.Requests())
	}
	p.Press("k") // and die in the middle of it, with the page open
	p.Wait(cell("2", ".process") + `.includes('exited')`)
	cmd.Process.Kill()
	cmd.Wait()
	if err := awaitNoneLeft(mark); err != nil {
		t.Error(err)
	}
	p.Wait(`document.body.dataset.mode === 'cut'`)
}

// TestPictures takes the pictures of the documentation from a real run: make pictures.
func TestPictures(t *testing.T) {
	if !*pictures {
		t.Skip("only with -pictures")
	}
	dir, err := filepath.Abs("../../docs/pictures")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, 1280, 720)
	_, _, url := upForBrowser(t, "--interval", "15s")
	p.Prefer("light", false)
	p.Go(url)
	p.Wait(cell("2", ".number") + ` === '33 %'`)
	time.Sleep(14 * time.Second) // curves need a past
	p.Press("2")
	p.Press("k")
	p.Wait(cell("2", ".number") + ` === '0 %'`)
	shots(t, p, dir, "kill")
	p.Wait(`document.querySelectorAll('#fall li.seen').length >= 6`)
	p.Prefer("dark", false)
	shots(t, p, dir, "known-dark")
	p.Prefer("light", false)
	p.Resize(1280, 720)
	p.Press("P")
	settle(t, p, filepath.Join(dir, "dashboard-present.png"))
	p.Press("P")
	p.Press("h")
	p.Wait(cell("2", ".number") + ` !== '0 %'`)
	time.Sleep(4 * time.Second)
	p.Press("3")
	p.Press("p")
	p.Wait(cell("3", ".process") + `.includes('paused') && document.querySelectorAll('#tape i.bad').length >= 3`)
	settle(t, p, filepath.Join(dir, "dashboard-pause.png"))
}

func shots(t *testing.T, p *browser.Page, dir, name string) {
	p.Resize(1280, 720)
	settle(t, p, filepath.Join(dir, "dashboard-"+name+".png"))
	p.Resize(1024, 768)
	settle(t, p, filepath.Join(dir, "dashboard-"+name+"-1024.png"))
}

const mostPicture = 300 << 10

// settle lets the page draw two frames and takes a picture that documentation can hold.
func settle(t *testing.T, p *browser.Page, file string) {
	time.Sleep(600 * time.Millisecond)
	p.Shot(file)
	if info, err := os.Stat(file); err != nil || info.Size() > mostPicture {
		t.Errorf("%s is too large, or not there: %v", file, err)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("%s: the console says %s", filepath.Base(file), strings.Join(c, "\n"))
	}
}
