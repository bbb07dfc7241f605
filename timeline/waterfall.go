package timeline

import (
	"slices"
	"strings"
)

// Waterfall is how the news of one fault travelled: for each layer, the milliseconds
// from the injection until that layer had noticed every target of the fault. A nil mark
// was not seen (before the heal, or before the record ends).
type Waterfall struct {
	Fault    int      `json:"fault"`
	Kind     string   `json:"kind"`
	Step     string   `json:"step,omitempty"`
	Targets  []string `json:"targets"`
	Injected float64  `json:"injected"`         // seconds on the run's clock
	Healed   float64  `json:"healed,omitempty"` // 0 when it was not
	Marks    []Mark   `json:"marks"`            // t1 to t7, always seven, in this order

	Consul []Mark `json:"consul,omitempty"` // c1 to c6 of a fault whose targets are Consul agents
}

// Mark is one layer's moment. MS is nil when the layer did not notice.
type Mark struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	MS   *float64 `json:"ms"`
}

// markNames are the layers in the order of t1 to t7.
var markNames = [...]string{
	"first failed RPC",
	"subchannel leaves READY",
	"check critical at the agent",
	"catalog moved",
	"resolver pushed",
	"last RPC picked on the victim",
	"shares back in bound",
}

// Waterfalls folds events into one waterfall per injected fault, in order of injection.
func Waterfalls(events []Event) []Waterfall {
	var f WaterfallFold
	for _, e := range events {
		f.Add(e)
	}
	return f.Waterfalls()
}

// WaterfallFold follows every fault of a run at once, event by event. The zero value is
// ready; it is not safe for concurrent use.
type WaterfallFold struct {
	open []*falling
}

// Waterfalls is one per fault so far, in order of injection.
func (f *WaterfallFold) Waterfalls() []Waterfall {
	out := make([]Waterfall, 0, len(f.open))
	for _, w := range f.open {
		out = append(out, w.waterfall())
	}
	return out
}

// afterOnce is for how many seconds what follows a fault that is over when it is done is taken
// for its consequence.
const afterOnce = 10

// falling is one fault whose marks are still being collected.
type falling struct {
	w       Waterfall
	once    bool                  // over when it was done
	consul  *consulFall           // nil when the targets are replicas
	noticed [7]map[string]float64 // mark → target → first time; t1 and t7 use the key ""
}

// Add takes the next event, in order of Seq. A waterfall is about the first client.
func (f *WaterfallFold) Add(e Event) {
	if e.OfAnother() {
		return
	}
	switch e.Type {
	case FaultInjected:
		f.inject(e)
		return
	case FaultHealed:
		f.heal(e)
		return
	}
	for _, w := range f.open {
		if e.Type == TrafficSettled {
			w.noticeLastPick(e) // tells of the past, so it may come after the heal
		} else if w.w.Healed == 0 || w.once && e.T < w.w.Healed+afterOnce {
			w.notice(e)
		}
	}
}

func (f *WaterfallFold) inject(e Event) {
	fault, ok := Payload[Fault](e)
	if !ok {
		return
	}
	w := &falling{w: Waterfall{
		Fault: fault.ID, Kind: fault.Kind, Step: fault.Step, Targets: fault.Targets, Injected: e.T,
	}}
	if len(e.On) > 0 && AgentName(e.On[0]) != "" {
		w.consul = &consulFall{injected: e.T, targets: fault.Targets}
	}
	w.once = fault.Once
	f.open = append(f.open, w)
}

func (f *WaterfallFold) heal(e Event) {
	fault, ok := Payload[Fault](e)
	if !ok {
		return
	}
	for _, w := range f.open {
		if w.w.Fault == fault.ID && w.w.Healed == 0 {
			w.w.Healed = e.T
		}
	}
}

func (w *falling) mark(i int, target string, t float64) {
	if w.noticed[i] == nil {
		w.noticed[i] = map[string]float64{}
	}
	if _, seen := w.noticed[i][target]; !seen {
		w.noticed[i][target] = t
	}
}

func (w *falling) hits(target string) bool { return slices.Contains(w.w.Targets, target) }

// notice takes what e says about the fault's targets.
func (w *falling) notice(e Event) {
	switch e.Type {
	case RPCFailed:
		if r, ok := Payload[RPC](e); ok && r.Done >= w.w.Injected {
			w.mark(0, "", r.Done)
		}
	case SubchannelChanged:
		if s, ok := Payload[Subchannel](e); ok && s.From == "READY" && w.hits(s.Replica) {
			w.mark(1, s.Replica, e.T)
		}
	case ConsulCheckChanged:
		if c, ok := Payload[CheckChange](e); ok && c.To != "passing" && w.hits(c.Replica) {
			w.mark(2, c.Replica, e.T)
		}
	case ConsulServiceChange:
		w.noticeCatalog(e)
	case ResolverUpdated, ResolverEmpty:
		w.noticeResolver(e)
	case TrafficBalanced:
		w.noticeBalance(e)
	}
	if w.consul != nil {
		w.consul.notice(e)
	}
}

func (w *falling) noticeCatalog(e Event) {
	c, ok := Payload[CatalogChange](e)
	if !ok {
		return
	}
	for _, name := range c.Changed {
		if w.hits(name) && c.Status[name] != "passing" {
			w.mark(3, name, e.T)
			w.mark(2, name, e.T) // the catalog cannot know before the agent did
		}
	}
}

func (w *falling) noticeResolver(e Event) {
	r, ok := Payload[Resolved](e)
	if !ok {
		return
	}
	for _, name := range r.Removed {
		if w.hits(name) {
			w.mark(4, name, e.T)
		}
	}
}

// noticeBalance takes the first even window without any target as the end of the story.
func (w *falling) noticeBalance(e Event) {
	if w.rebalanced(e) {
		w.mark(6, "", e.T)
	}
}

// noticeLastPick takes, from the same window, when each target was picked last. A target
// that was not picked since the injection counts as left at once; one that never was, such
// as a Consul agent, has no such moment.
func (w *falling) noticeLastPick(e Event) {
	if !w.rebalanced(e) || w.noticed[5] != nil {
		return
	}
	b, _ := Payload[Balanced](e)
	for _, name := range w.w.Targets {
		if at, ever := b.LastPick[name]; ever {
			w.mark(5, name, max(at, w.w.Injected))
		}
	}
}

// rebalanced reports whether e speaks of an even window since the injection in which no
// target was ready.
func (w *falling) rebalanced(e Event) bool {
	b, ok := Payload[Balanced](e)
	return ok && b.Since >= w.w.Injected && !slices.ContainsFunc(b.Ready, w.hits)
}

// waterfall turns the moments into marks: a mark is set when every target was noticed.
func (w *falling) waterfall() Waterfall {
	out := w.w
	for i, name := range markNames {
		m := Mark{ID: "t" + string(rune('1'+i)), Name: name}
		need := len(w.w.Targets)
		if i == 0 || i == 6 {
			need = 1
		}
		if seen := w.noticed[i]; len(seen) >= need && need > 0 {
			var last float64
			for _, t := range seen {
				last = max(last, t)
			}
			ms := (last - w.w.Injected) * 1000
			m.MS = &ms
		}
		out.Marks = append(out.Marks, m)
	}
	if w.consul != nil {
		out.Consul = w.consul.marks()
	}
	return out
}

// Told is the marks that say something about this fault: c1 to c6 of one in Consul, t1 to t7
// of any other.
func (w Waterfall) Told() []Mark {
	if w.Consul != nil {
		return w.Consul
	}
	return w.Marks
}

// Mark returns the milliseconds of mark id ("t1" to "t7", "c1" to "c6") and whether it was seen.
func (w Waterfall) Mark(id string) (ms float64, ok bool) {
	for _, m := range slices.Concat(w.Marks, w.Consul) {
		if m.ID == strings.ToLower(id) && m.MS != nil {
			return *m.MS, true
		}
	}
	return 0, false
}
