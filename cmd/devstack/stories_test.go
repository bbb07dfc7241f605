//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"devstack/internal/browser"
)

// A scenario is started from the page of a stack that is up, told step by step on its own
// dashboard, predicted and judged there; and devstack dies in the middle of the next one.
func TestAScenarioIsToldFromThePage(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	cmd, mark, url := upForBrowser(t)
	p.Go(url)
	story := start(t, p)
	p.Go(story)
	p.Wait(`document.querySelector('#question strong')?.textContent.length > 10`)
	p.Click("#question button")
	p.Wait(`document.querySelector('#aside').textContent.startsWith('You said: ')`)
	p.Wait(`document.querySelector('#next')?.textContent.includes('kill')`)
	p.Press("n")
	for _, step := range []string{"look", "restart"} {
		p.Wait(fmt.Sprintf(`document.querySelector('#next')?.textContent.includes('%s')`, step))
		p.Click("#next")
	}
	p.Wait(`document.querySelector('#headline').textContent.startsWith('PASS') || document.querySelector('#headline').textContent.startsWith('INCONCLUSIVE')`)
	p.Wait(`document.querySelectorAll('#judged li.pass').length >= 8 && document.querySelector('#aside').textContent.includes('It was: ')`)
	if shot := os.Getenv("STORY_SHOT"); shot != "" {
		p.Shot(shot)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
	p.Go(url)
	p.Click("#tell")
	p.Wait(`document.querySelector('#telling').textContent.startsWith('kill-node: ')`)
	p.Wait(`document.querySelector('#telling').textContent.includes('report')`)
	p.Click("#stories form button")
	p.Go(start(t, p))
	p.Wait(`document.querySelector('#question button')`)
	cmd.Process.Kill()
	cmd.Wait()
	if err := awaitNoneLeft(mark); err != nil {
		t.Error(err)
	}
}

// start has kill-node told from the page of a stack, and returns its dashboard's URL.
func start(t *testing.T, p *browser.Page) string {
	t.Helper()
	p.Wait(`!document.querySelector('#tell').hidden`)
	p.Click("#tell")
	p.Wait(`document.querySelector('#story').value === 'kill-node' && !document.querySelector('#start').disabled`)
	p.Click("#start")
	p.Wait(`!document.querySelector('#story-link').hidden`)
	url := p.Text(`document.querySelector('#story-link').href`)
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("the dashboard of the scenario is at %q", url)
	}
	return url
}
