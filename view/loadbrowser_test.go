package view

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"devstack/internal/browser"
)

// TestTheLoadsPageInABrowser: it fits a small screen, fetches nothing and says nothing on
// the console, whatever the person at it prefers.
func TestTheLoadsPageInABrowser(t *testing.T) {
	run, series := knownLoad()
	// The table is open, which is when it could be too wide.
	page := strings.ReplaceAll(loadPageOf(t, run, series), "<details>", "<details open>")
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, 1200, 900)
	p.Go("file://" + file)
	for _, scheme := range []string{"light", "dark"} {
		p.Prefer(scheme, true)
		for _, width := range []int{1200, 400} {
			p.Resize(width, 900)
			if got := p.Text("String(document.documentElement.scrollWidth > innerWidth)"); got != "false" {
				t.Errorf("%s, %d px: the page scrolls sideways", scheme, width)
			}
		}
	}
	if p.Text("String(getComputedStyle(document.body).backgroundColor)") != "rgb(15, 23, 32)" {
		t.Error("the page is not dark where people prefer that")
	}
	if got := p.Complaints(); len(got) > 0 {
		t.Errorf("the console says %q", got)
	}
	if got := p.Strays("file://"); len(got) > 0 || p.Requests() == 0 {
		t.Errorf("of %d requests, %q left the page", p.Requests(), got)
	}
}
