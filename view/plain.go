package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"devstack/timeline"
)

// Plain writes events as append-only lines, for people who scroll, pipe or listen. With
// colour off there is no escape byte and no carriage return in them. Not safe for
// concurrent use.
type Plain struct {
	w       io.Writer
	paint   Paint
	traffic map[string]*tickSum // of each client
	fault   float64             // when the latest fault was injected; 0 before any
	every   float64
	hush    bool              // until the stack is ready
	short   bool              // hush again at the end
	even    map[string]string // the replicas that each client last picked evenly
	alike   alike
	stalls  stalls
}

// NewPlain writes to w, a line of traffic each every seconds (0: never).
func NewPlain(w io.Writer, colour bool, every float64) *Plain {
	return &Plain{w: w, paint: Paint(colour), every: every, traffic: map[string]*tickSum{}, even: map[string]string{}}
}

// Hush keeps quiet about how the stack comes up and goes down; its being ready is one line.
func (p *Plain) Hush() *Plain {
	p.hush, p.short = true, true
	return p
}

// quiet are the events that have no line of their own.
var quiet = map[timeline.Type]bool{
	timeline.TrafficSettled: true, timeline.RunStarted: true, timeline.RunEnded: true, timeline.StackReady: true,
	timeline.ScenarioStarted: true, timeline.ScenarioEnded: true, timeline.ScenarioExpectMet: true,
	timeline.ScenarioExpectFailed: true, timeline.ReplicaStarted: true, timeline.ScenarioGateWaiting: true,
	timeline.ScenarioGatePassed: true,
}

// Add writes the line of one event, if it has one.
func (p *Plain) Add(e timeline.Event) {
	if t, ok := timeline.Payload[timeline.Tick](e); ok && e.Type == timeline.TrafficTick {
		p.tick(e, t)
		return
	}
	if p.hush {
		if e.Type == timeline.StackReady {
			p.hush = false
			p.line(e.T, "stack", p.paint.Sev(e.Sev, e.Msg))
		}
		return
	}
	if s, ok := timeline.Payload[timeline.Step](e); ok && s.Phase == "end" {
		p.hush = p.short
		return
	}
	if e.Type == timeline.RunEnded {
		p.tellStalls()
	}
	if e.Msg == "" || p.stalls.add(e) || quiet[e.Type] || unchanged(e) || p.alike.drowned(e) || p.stillEven(e) {
		return
	}
	p.tellStalls()
	if e.Type == timeline.FaultInjected {
		p.fault = e.T
	}
	since := ""
	if p.fault > 0 && e.Fault != 0 && e.Type != timeline.FaultInjected {
		since = p.paint.Dim(fmt.Sprintf("  +%s", Millis((e.T-p.fault)*1000)))
	}
	p.line(e.T, family(e.Type), p.paint.Sev(e.Sev, e.Msg)+since)
}

// tellStalls writes what the machine did since the line before.
func (p *Plain) tellStalls() {
	if e, any := p.stalls.take(); any {
		p.line(e.T, family(e.Type), p.paint.Sev(e.Sev, e.Msg))
	}
}

// stillEven is the news that picks are even over the same replicas as before.
func (p *Plain) stillEven(e timeline.Event) bool {
	b, ok := timeline.Payload[timeline.Balanced](e)
	if !ok || e.Type != timeline.TrafficBalanced {
		return false
	}
	was, is := p.even[e.Client()], strings.Join(b.Ready, " ")
	p.even[e.Client()] = is
	return is == was
}

// unchanged is a picker rebuilt over the same replicas: a boundary for who counts picks,
// no news for who reads.
func unchanged(e timeline.Event) bool {
	d, ok := timeline.Payload[timeline.Picker](e)
	return ok && e.Type == timeline.PickerUpdated && len(d.Added)+len(d.Removed) == 0
}

func (p *Plain) line(t float64, family, text string) {
	fmt.Fprintf(p.w, "%s %-9s %s\n", p.paint.Dim(fmt.Sprintf("[%7.3fs]", t)), family, text)
}

// family is the word in front of a line: the layer that speaks.
func family(t timeline.Type) string {
	noun, verb, _ := strings.Cut(string(t), ".")
	switch {
	case noun == "scenario":
		return verb
	case noun == "subchannel" || noun == "picker":
		return "channel"
	case t == timeline.LogLine:
		return "note"
	}
	return noun
}

// tickSum adds ticks up to one line of traffic.
type tickSum struct {
	begun, seconds float64
	replicas       map[string]timeline.TickShare
	failed         int
	p99            float64
}

func (p *Plain) tick(e timeline.Event, tick timeline.Tick) {
	s := p.traffic[e.Client()]
	if s == nil {
		s = &tickSum{begun: e.T - tick.Seconds, replicas: map[string]timeline.TickShare{}}
		p.traffic[e.Client()] = s
	}
	for name, share := range tick.Replicas {
		sum := s.replicas[name]
		s.replicas[name] = timeline.TickShare{OK: sum.OK + share.OK, Failed: sum.Failed + share.Failed}
	}
	for _, n := range tick.Failed {
		s.failed += n
	}
	s.p99 = max(s.p99, tick.P99MS)
	s.seconds += tick.Seconds
	if p.every > 0 && s.seconds >= p.every {
		p.flush(e, *s)
	}
}

// flush writes the line of the traffic of e's client since the last one.
func (p *Plain) flush(e timeline.Event, s tickSum) {
	delete(p.traffic, e.Client())
	total := s.failed
	for _, share := range s.replicas {
		total += share.OK
	}
	var shares []string
	for _, name := range slices.SortedFunc(maps.Keys(s.replicas), byNumber) {
		part := 0.0
		if total > 0 {
			part = 100 * float64(s.replicas[name].OK) / float64(total)
		}
		shares = append(shares, fmt.Sprintf("%s %.1f %%", name, part))
	}
	p.tellStalls()
	if rest := p.alike.rest(); rest != "" {
		p.line(e.T, "rpc", rest)
	}
	text := fmt.Sprintf("%.0f RPC/s  %s  failed %d  p99 %s", float64(total)/s.seconds, timeline.Few(shares, "  "), s.failed, Millis(s.p99))
	if e.OfAnother() {
		text = e.Client() + ": " + text
	}
	p.line(e.T, "traffic", text)
}

// byNumber orders names of one kind by length first, so that greeter-10 comes after greeter-9.
func byNumber(a, b string) int {
	if d := len(a) - len(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// Millis prints milliseconds with three significant digits or whole seconds' precision.
func Millis(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.2f s", ms/1000)
}
