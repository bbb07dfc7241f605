package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"devstack/timeline"
)

// The frame that every figure over time shares, so that one moment is at one place.
const (
	figureWidth = 1000.0
	plotLeft    = 112.0
	plotRight   = 990.0
)

// figures are the drawings that this record has the data for.
func figures(run timeline.Run, events []timeline.Event, calls []timeline.Call) []figure {
	f := newFrame(run, events, calls)
	var list []figure
	add := func(fig figure, ok bool) {
		if ok {
			list = append(list, fig)
		}
	}
	add(f.lanes(events))
	own, others := callsByClient(calls)
	if len(others) > 0 {
		f.client = timeline.FirstClient
	}
	add(f.share(own))
	for _, name := range slices.SortedFunc(maps.Keys(others), byNumber) {
		theirs := f
		theirs.client = name
		add(theirs.share(others[name]))
	}
	add(f.scatter(own))
	add(f.tape(own))
	return list
}

// callsByClient are the calls of the first client, and those of each other.
func callsByClient(calls []timeline.Call) (own []timeline.Call, others map[string][]timeline.Call) {
	others = map[string][]timeline.Call{}
	for _, c := range calls {
		if c.Client == "" {
			own = append(own, c)
		} else {
			others[c.Client] = append(others[c.Client], c)
		}
	}
	return own, others
}

// frame is the time axis and what happened on it.
type frame struct {
	x      scale
	faults []band
	joins  []band    // replicas that were added
	notes  []caption // their names, placed
	bounds []band    // from a fault for as long as the layers were allowed to need
	client string    // whose calls a figure shows, "" when there is one client only
}

// titled is a figure's title, with the client where there are several.
func (f frame) titled(title string) string {
	if f.client != "" {
		title += ", " + f.client
	}
	return title
}

// band is a stretch of time with a name.
type band struct {
	from, to float64
	name     string
	targets  []string
	allowed  string // how long the news may take, "" when no bound says so
}

// newFrame spans the traffic, which leaves out how the stack came up and went down; without
// traffic it spans the events.
func newFrame(run timeline.Run, events []timeline.Event, calls []timeline.Call) frame {
	from, to := 0.0, run.Seconds
	if n := len(events); n > 0 {
		to = max(to, events[n-1].T)
	}
	for i, c := range calls {
		if i == 0 {
			from, to = c.Due, c.Done
		}
		from, to = min(from, c.Due), max(to, c.Done)
	}
	f := frame{}
	for _, w := range run.Waterfalls {
		from, to = min(from, w.Injected), max(to, w.Injected, w.Healed)
	}
	f.x = scale{from: from, to: to, start: plotLeft, end: plotRight}
	for _, w := range run.Waterfalls {
		end := w.Healed
		if end == 0 {
			end = to
		}
		fault := band{from: w.Injected, to: end, name: fmt.Sprintf("%s %s", w.Kind, strings.Join(w.Targets, ", ")), targets: w.Targets}
		if e, ok := boundOf(w, run.Expectations); ok {
			fault.allowed = Quantity(e.Bound, e.Unit)
			f.bounds = append(f.bounds, band{from: w.Injected, to: min(to, w.Injected+e.Bound), name: fmt.Sprintf("%s: within %s", e.Name, fault.allowed)})
		}
		f.faults = append(f.faults, fault)
	}
	f.joins = joins(events, from, f.victims())
	f.notes = f.place()
	return f
}

// sinceInjection are the measures of a step that count seconds from its fault, beside t1 to
// t7; others, such as a length or a latency, bound no moment.
var sinceInjection = []string{"left", "noticed", "joined", "listened", "resolved", "answered"}

// boundOf is the longest time that an expectation allowed between w's injection and a
// moment of its step.
func boundOf(w timeline.Waterfall, list []timeline.Expectation) (best timeline.Expectation, ok bool) {
	for _, e := range list {
		moment, ours := strings.CutPrefix(e.Of, w.Step+".")
		if e.Kind != "within" || w.Step == "" || !ours || !isMoment(moment) {
			continue
		}
		if !ok || e.Bound > best.Bound {
			best, ok = e, true
		}
	}
	return best, ok
}

// isMoment reports whether a measure, or its entry for one target, is a moment.
func isMoment(measure string) bool {
	name, index, _ := strings.Cut(measure, "[")
	if strings.ContainsAny(index, " +*/") {
		return false
	}
	mark := len(name) == 2 && name >= "t1" && name <= "t7"
	return mark || slices.Contains(sinceInjection, name)
}

// shade draws the faults, and over them the bounds, between two heights. It comes before the
// marks, so that it changes no colour; edges comes after them.
func (f frame) shade(d *drawing, top, bottom float64) {
	for _, b := range f.faults {
		d.rect("shade", f.x.at(b.from), top, f.x.at(b.to)-f.x.at(b.from), bottom-top, b.name)
	}
	for _, b := range f.bounds {
		d.rect("bound", f.x.at(b.from), top, f.x.at(b.to)-f.x.at(b.from), bottom-top, b.name)
	}
}

// edges marks the injection of each fault, the end of its bound, and each newcomer's start.
func (f frame) edges(d *drawing, top, bottom float64) {
	for _, b := range f.faults {
		d.line("edge", f.x.at(b.from), top, f.x.at(b.from), bottom)
	}
	for _, b := range f.bounds {
		d.line("until", f.x.at(b.to), top, f.x.at(b.to), bottom)
	}
	for _, b := range f.joins {
		d.line("join", f.x.at(b.from), top, f.x.at(b.from), bottom)
	}
}

// timeAxis draws the seconds below a plot.
func (f frame) timeAxis(d *drawing, y float64) {
	d.line("axis", plotLeft, y, f.x.end, y)
	for _, t := range f.x.ticks(10) {
		x := f.x.at(t)
		d.line("axis", x, y, x, y+4)
		d.text("tick", "middle", x, y+17, number(t)+" s")
	}
}

// victims are the targets of all faults, each once.
func (f frame) victims() []string {
	var names []string
	for _, b := range f.faults {
		for _, t := range b.targets {
			if !slices.Contains(names, t) {
				names = append(names, t)
			}
		}
	}
	slices.SortFunc(names, compareNames)
	return names
}

// A lane's height, that of the bar in it, and that of the name above a subject's lanes.
const laneRow, laneBar, laneHead = 24.0, 20.0, 20.0

// mostSubjects keeps a picture of a fault on everything on one screen.
const mostSubjects = 8

// lanes is who knew when.
func (f frame) lanes(events []timeline.Event) (figure, bool) {
	subjects := f.subjects()
	shown := subjects[:min(len(subjects), mostSubjects)]
	lanes := newLanes(shown, events, f.x.from, f.x.to)
	if len(lanes) == 0 {
		return figure{}, false
	}
	height := laneHead*float64(heads(lanes)) + laneRow*float64(len(lanes)) + 30 + f.raised()
	note := "What each layer believed of whom a fault hit and who joined."
	if len(castOf(events).clients) > 0 {
		note += " Another client's line is its connection."
	}
	if len(f.faults) > 0 {
		note += " The fault is shaded."
	}
	if len(f.bounds) > 0 {
		note += " The second band is how long the news was allowed to take."
	}
	if len(subjects) > len(shown) {
		note += fmt.Sprintf(" The first %d of %d are shown.", len(shown), len(subjects))
	}
	d := newDrawing(figureWidth, height, "Who knew when", note)
	y, last := f.raised(), ""
	end := height - 30
	f.shade(d, 0, end)
	top := y
	for _, l := range lanes {
		if l.subject != last {
			d.text("head", "start", 0, y+15, l.subject)
			y, last = y+laneHead, l.subject
		}
		f.lane(d, l, y)
		y += laneRow
	}
	f.edges(d, 0, end)
	f.words(d, lanes, top) // over the lines, to be read
	f.captions(d, 14)
	f.timeAxis(d, end+4)
	return figure{Title: "Who knew when", Note: note, SVG: d.done(), Legend: f.legend()}, true
}

// heads counts the subjects of lanes, which stand together.
func heads(lanes []lane) int {
	n, last := 0, ""
	for _, l := range lanes {
		if l.subject != last {
			n, last = n+1, l.subject
		}
	}
	return n
}

// lane draws when a layer said what, as bars; words comes after the lines over them.
func (f frame) lane(d *drawing, l lane, y float64) {
	d.text("label", "end", plotLeft-8, y+laneBar/2+4, l.layer)
	for _, s := range l.spans {
		d.rect("lane "+s.tone, f.x.at(s.from), y, f.x.at(s.to)-f.x.at(s.from), laneBar, s.tip())
	}
}

// words writes into the bars what they say, where there is room; the first begins at y.
func (f frame) words(d *drawing, lanes []lane, y float64) {
	last := ""
	for _, l := range lanes {
		if l.subject != last {
			y, last = y+laneHead, l.subject
		}
		for _, s := range l.spans {
			x, w := f.x.at(s.from), f.x.at(s.to)-f.x.at(s.from)
			// A glyph is 8 wide at the most; fewer than four of them say nothing.
			if fits := int((w - 8) / 8); fits >= min(4, len(s.word)) {
				d.text("word "+s.tone, "start", x+6, y+laneBar/2+4, truncate(s.word, fits))
			}
		}
		y += laneRow
	}
}

func (f frame) legend() []key {
	var list []key
	if len(f.faults) > 0 {
		list = append(list, key{Class: "k-shade", Text: "fault"})
	}
	if len(f.bounds) > 0 {
		list = append(list, key{Class: "k-bound", Text: "computed bound"})
	}
	return list
}
