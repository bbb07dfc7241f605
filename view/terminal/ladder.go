package terminal

import (
	"fmt"
	"strconv"
	"strings"

	"devstack/timeline"
	"devstack/view"
)

// column is one layer of the ladder.
type column struct {
	head string
	wide int // columns, the gap after it included
	draw func(p *painter, b box, r *view.Replica, n int)
}

// belief is what a layer says about a replica: a word, and whether it takes calls.
type belief struct {
	word  string
	alive bool
}

// layers are the columns of a terminal of w columns. The words get shorter, the layers
// and their order stay.
func layers(w int) []column {
	short := w < 76
	say := func(long string) string {
		if s, ok := shorter[long]; ok && short {
			return s
		}
		return long
	}
	layer := func(head string, wide int, f func(*view.Replica) belief) column {
		return column{head, wide, func(p *painter, b box, r *view.Replica, _ int) {
			x := f(r)
			if x.word == r.DC { // somebody else's to know
				b.fit(0, 0, b.w-1, dim, "  "+x.word)
				return
			}
			p.belief(b, say(x.word), x.alive, x.alive != alive(r) && !r.Away() && !p.s.Ended)
		}}
	}
	process := column{"process", 11, func(_ *painter, b box, r *view.Replica, _ int) { drawProcess(b, r.Process, say) }}
	share := column{"last second", 0, drawShare}
	check := layer("check", 13, func(r *view.Replica) belief { return belief{r.Check, r.Check == "passing"} })
	catalog := layer("catalog", 13, func(r *view.Replica) belief { return belief{r.Entry(), r.Catalog == "passing"} })
	list := layer("resolver", 11, func(r *view.Replica) belief {
		return belief{either(r.Listed, "listed", either(short, "out", "absent")), r.Listed}
	})
	sub := layer("subchannel", 14, func(r *view.Replica) belief { return belief{subchannel(r), r.Subchannel == "READY"} })
	pick := layer("picker", 8, func(r *view.Replica) belief { return belief{either(r.Picked, "in", "out"), r.Picked} })
	switch {
	case w >= 100:
		name := column{"replica", 11, func(_ *painter, b box, r *view.Replica, _ int) { b.fit(0, 0, b.w-1, plain, r.Name) }}
		return []column{name, process, check, catalog, list, sub, pick, share}
	case !short:
		process.wide, check.wide, catalog.wide, list.wide, sub.wide, pick.wide = 11, 11, 11, 10, 13, 7
		share.head = "share"
		return []column{process, check, catalog, list, sub, pick, share}
	}
	process.wide, check.wide, catalog.wide, list.wide, sub.wide, pick.wide = 9, 8, 8, 6, 9, 6
	check.head, catalog.head, list.head, sub.head, pick.head, share.head = "check", "catal.", "list", "subch.", "pick", "share"
	return []column{process, check, catalog, list, sub, pick, share}
}

// shorter are the words of a narrow ladder.
var shorter = map[string]string{
	"passing": "pass", "critical": "crit", "warning": "warn", "absent": "gone", "listed": "in",
	"CONNECTING": "CONN", "TRANSIENT": "FAIL", "running": "up", "starting": "starts", "draining": "drains",
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func subchannel(r *view.Replica) string {
	switch r.Subchannel {
	case "":
		return "none"
	case "TRANSIENT_FAILURE":
		return "TRANSIENT"
	}
	return r.Subchannel
}

// alive is the truth that the layers are held against.
func alive(r *view.Replica) bool { return r.Process == "running" || r.Process == "" }

// belief draws one layer's opinion, and ≠ when it is not what the process is.
func (p *painter) belief(b box, word string, yes, wrong bool) {
	glyph, how := "●", plain
	switch word {
	case "critical", "crit", "TRANSIENT", "FAIL", "warning", "warn", "CONNECTING", "CONN":
		glyph, how = "▲", note
	default:
		if !yes {
			glyph, how = "○", dim
		}
	}
	if wrong {
		how = warn
	}
	x := b.fit(0, 0, b.w-1, how, strings.TrimSpace(glyph+" "+word))
	if wrong {
		b.put(min(x+1, b.w-2), 0, how, "≠")
	}
}

func drawProcess(b box, state string, say func(string) string) {
	glyph, how := "●", good
	switch state {
	case "exited":
		glyph, how = "✕", bad
	case "paused", "draining":
		glyph, how = "▲", warn
	case "starting":
		glyph, how = "○", dim
	case "":
		glyph, how, state = "·", dim, "foreign"
	}
	b.fit(0, 0, b.w-1, how, glyph+" "+say(state))
}

// drawShare is a bar of the calls that the replica was given in the last second.
func drawShare(p *painter, b box, r *view.Replica, n int) {
	part := p.shares()[r.Name]
	text := fmt.Sprintf("%3.0f %%", 100*part)
	if b.w >= 22 {
		text += fmt.Sprintf(" %4d", r.Recent)
	}
	long := max(0, b.w-cols(text)-1)
	full := int(part*float64(long) + 0.5)
	if r.Recent > 0 {
		full = max(full, 1)
	}
	b.fillRow(0, full, 0, bar(n), '█')
	b.fillRow(full, long, 0, dim, '·')
	b.right(b.w, 0, plain, text)
}

func (p *painter) shares() map[string]float64 {
	if p.share == nil {
		p.share = p.s.Shares()
	}
	return p.share
}

// number is the number at the end of a replica's name, or its place.
func number(name string, place int) int {
	at := strings.LastIndexByte(name, '-')
	if n, err := strconv.Atoi(name[at+1:]); at >= 0 && err == nil && n > 0 {
		return n
	}
	return place + 1
}

// ladder is replica × layer in n rows, around the selected one, and under it the lines of so many other clients and,
// if asked for, Consul's.
func (p *painter) ladder(n, callers int, consul bool) {
	first := p.firstRow(n)
	last := min(first+n, len(p.s.Replicas))
	note := "≠ is not what the process is"
	if last-first < len(p.s.Replicas) {
		note = fmt.Sprintf("%d to %d of %d", first+1, last, len(p.s.Replicas))
	}
	p.rule("LADDER", note)
	columns := layers(p.body.w)
	heads := p.rest(1)
	p.across(heads, columns, func(c column, b box) { b.fit(0, 0, b.w, dim, c.head) })
	rows := p.rest(n)
	for i := first; i < last; i++ {
		p.row(rows.inner(0, i-first, rows.w, 1), columns, i)
	}
	if len(p.s.Replicas) == 0 {
		rows.put(4, 0, dim, "no replica yet")
	}
	if callers > 0 {
		p.callers(p.rest(callers))
	}
	if consul {
		p.consul(p.rest(1))
	}
}

// labelWide is the mark of the selected row and the number.
const labelWide = 5

func (p *painter) row(b box, columns []column, i int) {
	r := &p.s.Replicas[i]
	n := number(r.Name, i)
	if r.Name == p.o.Selected {
		b.put(0, 0, bold, "▸")
	}
	b.put(1, 0, fill(n), fmt.Sprintf("%2d ", n%1000))
	p.across(b, columns, func(c column, b box) { c.draw(p, b, r, n) })
}

// across gives each column its part of a row; the last gets what is left.
func (p *painter) across(b box, columns []column, f func(column, box)) {
	x := labelWide
	for _, c := range columns {
		w := c.wide
		if w == 0 {
			w = b.w - x
		}
		f(c, b.inner(x, 0, w, 1))
		x += w
	}
}

// firstRow keeps the selected replica in sight.
func (p *painter) firstRow(n int) int {
	at := 0
	for i := range p.s.Replicas {
		if p.s.Replicas[i].Name == p.o.Selected {
			at = i
		}
	}
	return min(max(0, at-n/2), max(0, len(p.s.Replicas)-n))
}

// consul is the line of what is shared by all rows.
func (p *painter) consul(b box) {
	x := 1
	if p.s.Cluster() {
		x = p.leaders(b, x)
	} else {
		x = p.agent(b, x)
	}
	r := p.s.Resolver
	said := fmt.Sprintf("   resolver #%d, %d listed", r.Updates, r.Listed)
	if p.s.Herd != nil {
		said = "   " + p.s.Herd.String() + said
	}
	if r.Error == "" && p.s.Channel != "" {
		said += "   channel " + p.s.Channel
	}
	for x+cols(said) > b.w && said != "" { // from its end, part by part
		said = said[:max(0, strings.LastIndex(said, "   "))]
	}
	x = b.put(x, 0, dim, said)
	if r.Error != "" {
		b.fit(x+2, 0, b.w-x-2, warn, "▲ "+r.Error)
	}
}

// agent is Consul as one agent, from column x.
func (p *painter) agent(b box, x int) int {
	c := p.s.Consul
	text, how := "Consul ★ leads", dim
	switch {
	case c.Process == "exited":
		text, how = "✕ Consul exited", bad
	case c.Process == "paused":
		text, how = "▲ Consul paused", warn
	case !c.Answers && c.Process != "":
		text, how = "▲ Consul does not answer", warn
	case c.Leader == "":
		text, how = "○ Consul has no leader", warn
		if c.Process == "" {
			text, how = "○ Consul", dim
		}
	}
	x = b.put(x, 0, how, text)
	return b.put(x, 0, dim, fmt.Sprintf("  index %d", c.Index))
}

// selected is what there is to say about the selected replica alone, n rows under a rule.
func (p *painter) selected(n int) {
	name := p.o.Selected
	note := ""
	for _, r := range p.s.Replicas {
		if r.Name == name {
			note = fmt.Sprintf("%s, pid %d, %d ok, %d failed", r.Addr, r.PID, r.OK, r.Failed)
		}
	}
	p.rule(strings.TrimSpace("EVENTS OF "+name), note)
	subject := timeline.Replica(name)
	var own []timeline.Event
	for _, e := range p.s.Recent {
		if e.Concerns(subject) {
			own = append(own, e)
		}
	}
	p.eventsOf(p.rest(n), own)
}
