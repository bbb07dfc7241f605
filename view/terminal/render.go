package terminal

import (
	"fmt"

	"devstack/view"
)

// Panel is a part of the picture that can have the screen to itself.
type Panel int

// The panels, in the order that the zoom key takes them.
const (
	NoPanel Panel = iota
	LadderPanel
	AgentsPanel // the zoom key skips it when Consul is one agent
	PicksPanel
	WaterfallPanel
	EventsPanel
	panels
)

// The smallest terminal that is drawn on.
const (
	MinWidth  = 60
	MinHeight = 18
)

// Options is how a State is drawn. Only Width and Height are required.
type Options struct {
	Width, Height int
	Colour        Colour
	ASCII         bool

	Word     string  // in the corner: LIVE, REPLAY 2×; "" = what the State says
	Frozen   bool    // the picture stands still, the world does not
	Now      float64 // the run's clock, in seconds; 0 = the State's
	Zoom     Panel
	Selected string // name of a replica
	Agent    string // name of the agent that is selected in the panel of the agents
	Help     bool
	Status   string // answer to the last key
	Failed   bool   // the answer is bad news
	Keys     []Key  // what can be pressed, the most useful first
}

// Key is one entry of the key bar and of the help.
type Key struct {
	Name string // "k"
	Does string // "kill": one word, for the bar
	Help string // a sentence; "" = Does
	Last bool   // always in the bar, at its end
}

// Render is the whole screen: exactly o.Height lines of exactly o.Width columns, whatever
// is in s. On a terminal below MinWidth × MinHeight it is one line that says so.
func Render(s *view.State, o Options) string {
	if o.Width <= 0 || o.Height <= 0 {
		return ""
	}
	if o.Width < MinWidth || o.Height < MinHeight {
		c := newCanvas(o.Width, 1, NoColour, o.ASCII)
		c.all().fit(0, 0, o.Width, plain, fmt.Sprintf("devstack needs %d×%d, this is %d×%d", MinWidth, MinHeight, o.Width, o.Height))
		return c.String()
	}
	o.Now = max(o.Now, s.T)
	c := newCanvas(o.Width, o.Height, o.Colour, o.ASCII)
	p := painter{s: s, o: o, frame: c.all()}
	p.body = p.frame.inner(2, 0, o.Width-4, o.Height)
	p.draw()
	return c.String()
}

// painter draws one picture from top to bottom; y is the next free row.
type painter struct {
	s     *view.State
	o     Options
	frame box // the whole screen
	body  box // without the borders at the sides
	y     int

	share map[string]float64
}

func (p *painter) draw() {
	for y := range p.o.Height {
		p.frame.put(0, y, dim, "│")
		p.frame.put(p.o.Width-1, y, dim, "│")
	}
	p.header()
	p.caption()
	bottom := p.o.Height - 2 // the line of faults, and the keys
	switch {
	case p.o.Help:
		p.help(bottom)
	case p.o.Zoom != NoPanel:
		p.zoomed(bottom)
	default:
		p.overview(bottom)
	}
	p.faults(bottom)
	p.keys(bottom + 1)
}

// rows is the number of rows that are left above bottom.
func (p *painter) rows(bottom int) int { return max(0, bottom-p.y) }

// rest is the body from the next free row, n rows high.
func (p *painter) rest(n int) box {
	b := p.body.inner(0, p.y, p.body.w, n)
	p.y += n
	return b
}

// rule is a line across with a title in it, and a note at its right end.
func (p *painter) rule(name, note string) {
	f := p.frame
	f.fillRow(0, p.o.Width, p.y, dim, '─')
	f.put(0, p.y, dim, "├")
	f.put(p.o.Width-1, p.y, dim, "┤")
	x := f.put(f.put(2, p.y, plain, " "), p.y, title, name)
	x = f.put(x, p.y, plain, " ")
	if note = ellipsis(note, p.o.Width-x-5); note != "" {
		f.right(p.o.Width-2, p.y, dim, " "+note+" ")
	}
	p.y++
}

// overview is everything at once: the ladder and the picks always, the rest as there is
// room.
func (p *painter) overview(bottom int) {
	tall := p.o.Height >= 24
	spare := p.rows(bottom) - 4 // rule and heads of the ladder, rule of the picks, rule of the events
	picks := 1
	least := 2 // events
	if tall {
		spare -= 4 // the line of Consul, rule and two curves
		least = 7  // the waterfall
	} else if p.s.Cluster() {
		spare-- // the line of Consul
	}
	callers := p.callerRows(spare - picks - least - 1)
	spare -= callers
	ladder := min(max(1, len(p.s.Replicas)), max(1, spare-picks-least))
	if !tall {
		ladder = min(max(1, len(p.s.Replicas)), max(1, spare-picks-least-1))
	}
	consul := tall || p.s.Cluster()
	if callers > 0 && tall && !p.s.Cluster() && ladder < len(p.s.Replicas) {
		consul = false // every replica and every client come first
		ladder++
		spare++
	}
	spare -= ladder
	agents := p.agentRows(spare - picks - least)
	spare -= agents
	if extra := spare - picks - least - 2; extra > 0 {
		picks += min(3, (extra+1)/2)
	}
	p.ladder(ladder, callers, consul)
	p.agents(p.rest(agents), "")
	p.picks(picks)
	if tall {
		p.curves(2)
		p.newsAndWaterfall(p.rows(bottom) - 1)
		return
	}
	p.newsAndLine(p.rows(bottom) - 1)
}

func (p *painter) zoomed(bottom int) {
	n := p.rows(bottom) - 1
	switch p.o.Zoom {
	case LadderPanel:
		callers := p.callerRows(n - 2 - 4 - 1)
		p.ladder(min(max(1, len(p.s.Replicas)), max(1, n-2-4-callers)), callers, true)
		p.selected(p.rows(bottom) - 1)
	case AgentsPanel:
		p.rule("AGENTS", "what each sees by gossip, and Raft's part")
		p.consul(p.rest(1))
		p.agents(p.rest(min(len(p.s.Agents), n-1)), p.o.Agent)
		p.rule("EVENTS", "")
		p.events(p.rest(p.rows(bottom)))
	case PicksPanel:
		p.picks(n)
	case WaterfallPanel:
		p.rule("WHO KNEW WHEN", p.waterfallTitle())
		p.waterfalls(p.rest(n))
	case EventsPanel:
		p.rule("EVENTS", fmt.Sprintf("%d so far", p.s.Seq))
		p.events(p.rest(n))
	}
}
