package web

import (
	"testing"

	"devstack/internal/browser"
	"devstack/timeline"
)

// A herd stands beside Consul, and goes with what is told of it.
func TestAHerdBesideConsul(t *testing.T) {
	p := browser.Open(t, 1280, 720)
	s, f := serve(t)
	p.Go(s.URL())
	const words = `[...document.querySelectorAll('#stage .herd text')].map((x) => x.textContent).join(', ')`
	p.Wait(words + " === ''")
	f.tell(timeline.Event{Type: timeline.HerdUpdated, Src: "herd", Msg: "herd", D: timeline.Herd{Channels: 250, Reached: 250, Conns: 1}})
	p.Wait(words + " === 'herd: 250 of 250, 1 connection, '")
	f.tell(timeline.Event{Type: timeline.HerdUpdated, Src: "herd", Msg: "herd", D: timeline.Herd{Channels: 250, Reached: 200, Missed: 50, Conns: 200}})
	f.tell(timeline.Event{Type: timeline.HerdRefused, Src: "herd", Msg: "herd", D: timeline.HerdRefusal{Refused: 33, Conns: 200}})
	p.Wait(words + " === 'herd: 200 of 250, 200 connections, ✕ 33 turned away'")
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("the console says %q", c)
	}
}
