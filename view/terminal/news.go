package terminal

import (
	"fmt"
	"slices"
	"strings"

	"devstack/timeline"
	"devstack/view"
)

// newsAndWaterfall puts the events and who knew when side by side, n rows high.
func (p *painter) newsAndWaterfall(n int) {
	right := min(46, p.body.w*5/12)
	p.rule("EVENTS", "")
	split := p.body.w - right
	f := p.frame
	f.put(split+1, p.y-1, dim, "┬")
	name := " WHO KNEW WHEN " + p.waterfallTitle()
	if cols(name) > right-4 {
		name = ellipsis(" "+p.waterfallTitle(), right-4)
	}
	f.put(split+3, p.y-1, title, strings.TrimRight(name, " ")+" ")
	b := p.rest(n)
	p.events(b.inner(0, 0, split-2, n))
	for y := range n {
		b.put(split-1, y, dim, "│")
	}
	p.waterfalls(b.inner(split+1, 0, right-1, n))
}

// newsAndLine puts who knew when on one line under the events.
func (p *painter) newsAndLine(n int) {
	p.rule("EVENTS", "")
	p.events(p.rest(n - 1))
	b := p.rest(1)
	w, ok := p.waterfall()
	if !ok {
		return
	}
	x := b.put(0, 0, bold, w.Kind+" ")
	for _, m := range w.Told() {
		if m.MS == nil || m.ID == "t4" { // the catalog moves with the check
			continue
		}
		text := tiny[m.ID] + " " + brief(*m.MS) + "  "
		if x+cols(text) <= b.w {
			x = b.put(x, 0, plain, text)
		}
	}
}

// brief is milliseconds in at most six columns.
func brief(ms float64) string {
	switch {
	case ms < 9.95:
		return fmt.Sprintf("%.1fms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0fms", ms)
	}
	return fmt.Sprintf("%.1fs", ms/1000)
}

// The marks' names in four and in ten columns.
var (
	tiny = map[string]string{
		"t1": "err", "t2": "chan", "t3": "chk", "t4": "cat", "t5": "list", "t6": "pick", "t7": "even",
		"c1": "goss", "c2": "mute", "c3": "lost", "c4": "lead", "c5": "list", "c6": "err",
	}
	known = map[string]string{
		"t1": "failed RPC", "t2": "subchannel", "t3": "check", "t4": "catalog", "t5": "resolver", "t6": "last pick", "t7": "even again",
		"c1": "gossip", "c2": "silent", "c3": "no leader", "c4": "new leader", "c5": "resolver", "c6": "failed RPC",
	}
)

// waterfall is that of the latest fault.
func (p *painter) waterfall() (timeline.Waterfall, bool) {
	all := p.s.Waterfalls()
	if len(all) == 0 {
		return timeline.Waterfall{}, false
	}
	return all[len(all)-1], true
}

func (p *painter) waterfallTitle() string {
	w, ok := p.waterfall()
	if !ok {
		return ""
	}
	return strings.TrimSpace("after " + w.Kind + " " + strings.Join(w.Targets, " "))
}

// waterfalls draws each layer's moment on one linear axis from the injection on.
func (p *painter) waterfalls(b box) {
	w, ok := p.waterfall()
	if !ok {
		b.fit(0, 0, b.w, dim, "no fault yet")
		return
	}
	const label, value = 11, 8
	axis := max(1, b.w-label-value)
	end := 0.0
	marks := w.Told()
	for _, m := range marks {
		if m.MS != nil {
			end = max(end, *m.MS)
		}
	}
	for i, m := range marks {
		b.put(0, i, plain, known[m.ID])
		if m.MS == nil {
			p.notYet(b, i, w)
			continue
		}
		at := 0
		if end > 0 {
			at = int(*m.MS / end * float64(axis-1))
		}
		b.fillRow(label, label+at, i, dim, '─')
		b.put(label+at, i, bold, "●")
		b.right(b.w, i, plain, view.Millis(*m.MS))
	}
	if b.h > len(marks) {
		b.fit(0, len(marks), b.w, dim, p.tellHeal(w))
	}
}

// notYet tells a layer that may still notice from one that never did.
func (p *painter) notYet(b box, row int, w timeline.Waterfall) {
	if w.Healed == 0 && !p.s.Ended {
		b.right(b.w, row, dim, "…")
		return
	}
	b.right(b.w, row, dim, "–")
}

func (p *painter) tellHeal(w timeline.Waterfall) string {
	if w.Healed == 0 {
		return fmt.Sprintf("injected at %.2f s, %.1f s ago", w.Injected, max(0, p.o.Now-w.Injected))
	}
	return fmt.Sprintf("injected at %.2f s, healed at %.2f s", w.Injected, w.Healed)
}

// events are the last sentences, the newest at the bottom.
func (p *painter) events(b box) { p.eventsOf(b, p.s.Recent) }

func (p *painter) eventsOf(b box, recent []timeline.Event) {
	if b.h == 0 {
		return
	}
	list := news(recent, b.h)
	for i, e := range list {
		glyph, how := "·", plain
		switch e.Sev {
		case timeline.Good:
			glyph, how = "●", good
		case timeline.Warn:
			glyph, how = "▲", note
		case timeline.Bad:
			glyph, how = "✕", bad
		}
		x := b.put(0, i, dim, fmt.Sprintf("%7.2f ", e.T))
		if e.Type == timeline.ScenarioStep {
			b.fit(x, i, b.w-x, title, "─ step "+e.Msg)
			continue
		}
		x = b.put(x, i, how, glyph+" ")
		b.fit(x, i, b.w-x, how, e.Msg)
	}
}

// news are the last n of recent that tell something new, the oldest first. Failures of the
// same kind in a row are one line with their number; the picks show each of them. So are
// stalls of the machine.
func news(recent []timeline.Event, n int) []timeline.Event {
	recent = view.FoldStalls(slices.DeleteFunc(slices.Clone(recent), stale))
	out := make([]timeline.Event, n)
	at, same := n, 1
	for i := len(recent) - 1; i >= 0; i-- {
		e := recent[i]
		if at < n && e.Type == timeline.RPCFailed && out[at].Type == timeline.RPCFailed && e.Src == out[at].Src && slices.Equal(e.On, out[at].On) {
			same++
			continue
		}
		out[min(at, n-1)] = times(out[min(at, n-1)], same)
		same = 1
		if at == 0 {
			return out
		}
		at--
		out[at] = e
	}
	out[min(at, n-1)] = times(out[min(at, n-1)], same)
	return out[at:]
}

func times(e timeline.Event, n int) timeline.Event {
	if n > 1 {
		e.Msg = fmt.Sprintf("%d× %s", n, e.Msg)
	}
	return e
}

// stale is a picker rebuilt over the same replicas, and evenness, which the picks show.
func stale(e timeline.Event) bool {
	if e.Type == timeline.TrafficBalanced {
		return true
	}
	d, ok := timeline.Payload[timeline.Picker](e)
	return ok && e.Type == timeline.PickerUpdated && len(d.Added)+len(d.Removed) == 0
}
