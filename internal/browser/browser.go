// Package browser is a Chromium for tests: a page, hands for it, and ears for what should
// never be heard: console errors, and requests that leave the page's own server.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// RequireEnv makes a missing browser a failure: on a machine where the tests must not be
// skipped without anybody noticing.
const RequireEnv = "DEVSTACK_REQUIRE_BROWSER"

// patience bounds each wait; nothing here takes a second on a machine that is idle.
const patience = 30 * time.Second

// Page is one tab. Its methods fail the test when the browser cannot do as it is told.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	requests []string
	console  []string
	reading  sync.WaitGroup
}

// Open starts a browser with one tab of w × h pixels; both end with the test. It skips the
// test when there is no Chromium.
func Open(t testing.TB, w, h int) *Page {
	t.Helper()
	path := find()
	if path == "" {
		if os.Getenv(RequireEnv) == "1" {
			t.Fatal("no chromium was found, and " + RequireEnv + " is 1")
		}
		t.Skip("no chromium was found")
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(w, h))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses to run as root with it
	}
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	p := &Page{t: t, ctx: ctx}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close the browser: %v", err)
		}
		end()
		endAlloc()
		p.reading.Wait()
	})
	p.listen(w, h)
	return p
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (p *Page) listen(w, h int) {
	p.t.Helper()
	// The first step starts the browser, which lives as long as that step's context.
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(int64(w), int64(h))); err != nil {
		p.t.Fatalf("start the browser: %v", err)
	}
	err := chromedp.Listen(p.ctx, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok {
			p.mu.Lock()
			p.requests = append(p.requests, e.Request.URL)
			p.mu.Unlock()
		}
	})
	if err == nil {
		_, err = chromedp.Call(p.ctx, network.Enable, network.EnableParams{})
	}
	if err != nil {
		p.t.Fatalf("listen to the browser: %v", err)
	}
	messages := chromedp.Console(p.ctx)
	p.reading.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" || m.Type == "assert" {
				p.mu.Lock()
				p.console = append(p.console, m.String())
				p.mu.Unlock()
			}
		}
	})
}

// In lends the page to a subtest, with a clean slate of what was heard. The subtest must not
// be parallel.
func (p *Page) In(t testing.TB) {
	before := p.t
	t.Cleanup(func() {
		p.Go("about:blank") // the server of the subtest is gone
		p.t = before
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t, p.requests, p.console = t, nil, nil
}

func (p *Page) do(what string, step chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		p.t.Fatalf("%s: %v\nconsole: %q", what, err, p.Complaints())
	}
}

// Go opens url.
func (p *Page) Go(url string) { p.t.Helper(); p.do("open "+url, chromedp.Navigate(url)) }

// Click clicks the first element that matches a CSS selector.
func (p *Page) Click(css string) { p.t.Helper(); p.do("click "+css, chromedp.Click(chromedp.CSS(css))) }

// Press types keys at whatever has the focus.
func (p *Page) Press(keys string) { p.t.Helper(); p.do("press "+keys, chromedp.KeyEvent(keys)) }

// Wait waits until a JavaScript expression is true. One that throws is not true yet.
func (p *Page) Wait(js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool]("(() => { try { return Boolean("+js+") } catch { return false } })()", chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		p.t.Fatalf("wait for %s: %v\nconsole: %q\nthe page says:\n%s", js, err, p.Complaints(), text)
	}
}

// Text is a JavaScript expression's value as text.
func (p *Page) Text(js string) string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("String("+js+")"))
	if err != nil {
		p.t.Fatalf("evaluate %s: %v", js, err)
	}
	return s
}

// Prefer sets what the person at the browser prefers: scheme is light or dark.
func (p *Page) Prefer(scheme string, still bool) {
	p.t.Helper()
	motion := "no-preference"
	if still {
		motion = "reduce"
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion}}})
	if err != nil {
		p.t.Fatalf("set preferences: %v", err)
	}
}

// Resize makes the tab w × h pixels.
func (p *Page) Resize(w, h int) {
	p.t.Helper()
	p.do("resize", chromedp.EmulateViewport(int64(w), int64(h)))
}

// Shot writes what the tab shows to a PNG file.
func (p *Page) Shot(file string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		p.t.Fatalf("take a picture: %v", err)
	}
}

// Complaints are the errors, warnings and uncaught exceptions on the console so far.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.console)
}

// Strays are the requests so far that did not go to origin, such as http://127.0.0.1:7777.
func (p *Page) Strays(origin string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.requests), func(u string) bool {
		return strings.HasPrefix(u, strings.TrimSuffix(origin, "/")+"/") || u == "about:blank"
	})
}

// Requests counts the requests so far; a test that heard none heard nothing.
func (p *Page) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.requests)
}

// String is the page's address.
func (p *Page) String() string { return fmt.Sprint(p.Text("location.href")) }
