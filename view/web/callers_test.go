package web

import (
	"testing"

	"devstack/internal/browser"
)

// ladderCells are the cells of a part of the ladder from the subchannel on, a line a row.
func ladderCells(part string) string {
	return `[...document.querySelectorAll('#ladder ` + part + ` tr')].map((tr) => [...tr.children].slice(5).map((c) => c.textContent).join(', ')).join('\n')`
}

// A second client has a column of its own, and takes no part in what the first one's say.
func TestASecondClientHasAColumn(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	s, tell := serveRecorded(t, "two-clients", 3)
	p.Go(s.URL())
	for _, c := range []struct {
		at   float64
		rows string
	}{
		{3, "● READY, ● in, 33 %, ● in 33 %\n● READY, ● in, 33 %, ● in 33 %\n● READY, ● in, 33 %, ● in 33 %"},
		{5.3, "● READY, ● in, 50 %, ● in 33 %\n▲ TRANSIENT ≠, ○ out ≠, 0 %, ● in 33 %\n● READY, ● in, 50 %, ● in 33 %"},
	} {
		tell(c.at)
		p.Wait(ladderCells("tbody") + " === `" + c.rows + "`")
	}
	if got := p.Text(ladderCells("thead")); got != "subchannel, picker, share, client/2" {
		t.Errorf("the columns are %q", got)
	}
	if over := browser.Eval[int](p, `document.querySelector('#ladder').scrollWidth - document.querySelector('#ladder').clientWidth`); over > 0 {
		t.Errorf("the ladder is %d pixels wider than its place", over)
	}
	if points := browser.Eval[int](p, `Number(document.body.dataset.gaps)`); points != 0 {
		t.Errorf("%d events are missing", points)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
}

// One client has no column.
func TestOneClientHasNoColumn(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	s, _ := serve(t)
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	if got := p.Text(ladderCells("thead")); got != "subchannel, picker, share" {
		t.Errorf("the columns are %q", got)
	}
}
