package stack

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/timeline"
)

// tickEvery is the interval of traffic.tick.
const tickEvery = 250 * time.Millisecond

// traffic turns the results of calls into facts: each failure, a tick every quarter of a
// second, and the moments when the picks are even again. Its methods may be called
// concurrently.
type traffic struct {
	voice voice
	names *names
	// deadline bounds how long a call that was picked before an instant can be in flight.
	deadline time.Duration

	mu       sync.Mutex
	tick     tally
	census   bool                          // count the resolvers in each tick
	previous map[string]timeline.TickShare // of the tick before
	totals   timeline.Totals
	lastPick map[string]float64 // replica → offset in seconds
	window   window
	settle   []settling
}

// tally adds up one tick.
type tally struct {
	replicas map[string]timeline.TickShare
	failed   map[string]int
	millis   []float64
	picks    strings.Builder
}

// window counts picks since the picker's ready set last changed.
type window struct {
	since float64
	ready []string
	picks map[string]int
	told  bool
	open  bool
}

// settling is an even window that waits for the calls of before it to end.
type settling struct {
	at    float64 // when no call from before the window can be in flight
	until float64 // when the next picker took over, 0 while none has
	d     timeline.Balanced
}

// evenRotations is how often each ready replica must have been picked before a window
// counts as even: after three, a policy that prefers one two to one can still look even.
// Spread 1 is what round_robin over one channel can be off by.
const (
	evenRotations = 4
	evenSpread    = 1
)

// add takes one result.
func (t *traffic) add(r load.Result) {
	replica := t.replicaOf(r)
	t.mu.Lock()
	t.count(r, replica)
	balanced, ok := t.pick(r, replica)
	t.mu.Unlock()
	if r.Code != codes.OK {
		t.tellFailure(r, replica)
	}
	if ok {
		t.voice.tell(timeline.Event{
			Type: timeline.TrafficBalanced, On: subjects(balanced.Ready), Sev: timeline.Good,
			Msg: "picks are even over " + timeline.Few(balanced.Ready, ", "), D: balanced,
		})
	}
}

func (t *traffic) replicaOf(r load.Result) string {
	if r.Backend != "" {
		return r.Backend
	}
	if r.Addr != "" {
		return t.names.of(r.Addr)
	}
	return ""
}

func (t *traffic) count(r load.Result, replica string) {
	t.totals.RPCs++
	if t.tick.replicas == nil {
		t.tick.replicas, t.tick.failed = map[string]timeline.TickShare{}, map[string]int{}
	}
	share := t.tick.replicas[replica]
	if r.Code == codes.OK {
		t.totals.OK++
		share.OK++
	} else {
		if t.totals.ByCode == nil {
			t.totals.ByCode = map[string]int{}
		}
		t.totals.Failed++
		t.totals.ByCode[code(r.Code)]++
		t.tick.failed[code(r.Code)]++
		share.Failed++
	}
	if replica != "" {
		t.tick.replicas[replica] = share
	}
	t.tick.millis = append(t.tick.millis, r.Latency().Seconds()*1000)
	t.tick.picks.WriteByte(glyph(replica, r.Code == codes.OK))
}

// glyph is one call on the tape: 1-9 answered there, a-i failed there, + beyond nine,
// - failed before any pick.
func glyph(replica string, ok bool) byte {
	n := ordinal(replica)
	switch {
	case n == 0 && !ok:
		return '-'
	case n == 0 || n > 9 && ok:
		return '+'
	case n > 9:
		return '!'
	case ok:
		return byte('0' + n)
	}
	return byte('a' + n - 1)
}

// pick counts a call that was given a connection, and reports the even window it completed.
func (t *traffic) pick(r load.Result, replica string) (timeline.Balanced, bool) {
	if r.Picked == 0 || replica == "" {
		return timeline.Balanced{}, false
	}
	at := r.Picked.Seconds()
	t.noteLast(replica, at)
	w := &t.window
	if !w.open || w.told || at < w.since || !slices.Contains(w.ready, replica) {
		return timeline.Balanced{}, false
	}
	w.picks[replica]++
	least, most := w.extremes()
	if least < evenRotations || most-least > evenSpread {
		return timeline.Balanced{}, false
	}
	w.told = true
	d := timeline.Balanced{Ready: w.ready, Since: w.since, Picks: maps.Clone(w.picks), Spread: most - least}
	late := d
	late.LastPick = maps.Clone(t.lastPick)
	t.settle = append(t.settle, settling{at: w.since + t.deadline.Seconds(), d: late})
	return d, true
}

// favourite is the replica that answered the most calls in this tick and the one before,
// the first by name among equals, "" for none.
func (t *traffic) favourite() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := map[string]int{}
	for _, shares := range []map[string]timeline.TickShare{t.previous, t.tick.replicas} {
		for name, share := range shares {
			sum[name] += share.OK
		}
	}
	best := ""
	for _, name := range slices.Sorted(maps.Keys(sum)) {
		if sum[name] > sum[best] {
			best = name
		}
	}
	return best
}

// noteLast remembers the latest pick of each replica, also for the even windows that are
// still settling: up to the picker that came after them.
func (t *traffic) noteLast(replica string, at float64) {
	t.lastPick[replica] = max(t.lastPick[replica], at)
	for i := range t.settle {
		if s := &t.settle[i]; s.until == 0 || at < s.until {
			s.d.LastPick[replica] = max(s.d.LastPick[replica], at)
		}
	}
}

func (w *window) extremes() (least, most int) {
	least = -1
	for _, name := range w.ready {
		n := w.picks[name]
		if least < 0 || n < least {
			least = n
		}
		most = max(most, n)
	}
	return least, most
}

// reset begins a new window: from t on, the picker chooses among ready.
func (t *traffic) reset(at float64, ready []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.settle {
		if t.settle[i].until == 0 {
			t.settle[i].until = at
		}
	}
	t.window = window{since: at, ready: ready, picks: map[string]int{}, open: len(ready) > 0}
}

func (t *traffic) tellFailure(r load.Result, replica string) {
	var on []string
	where := "before any pick"
	if replica != "" {
		on, where = []string{timeline.Replica(replica)}, "on "+replica
	}
	t.voice.tell(timeline.Event{
		Type: timeline.RPCFailed, On: on, Sev: timeline.Bad,
		Msg: "RPC failed " + where + ": " + code(r.Code) + " " + r.Err,
		D: timeline.RPC{
			N: r.Seq, Due: r.Due.Seconds(), Sent: r.Sent.Seconds(), Picked: r.Picked.Seconds(), Done: r.Done.Seconds(),
			Code: code(r.Code), Error: r.Err, Replica: replica,
		},
	})
}

// tell appends the tick of the last interval, and what has settled by now.
func (t *traffic) tell(now float64, rate float64, inFlight int) {
	t.mu.Lock()
	tick := timeline.Tick{
		Seconds: tickEvery.Seconds(), Rate: rate, Replicas: t.tick.replicas, Failed: t.tick.failed,
		InFlight: inFlight, Picks: t.tick.picks.String(),
	}
	if t.census {
		tick.Watching = resolverGoroutines()
	}
	slices.Sort(t.tick.millis)
	tick.P50MS, tick.P99MS, tick.MaxMS = quantile(t.tick.millis, .5), quantile(t.tick.millis, .99), quantile(t.tick.millis, 1)
	t.previous, t.tick = t.tick.replicas, tally{}
	settled := t.settled(now)
	t.mu.Unlock()

	t.voice.tell(timeline.Event{Type: timeline.TrafficTick, Msg: "traffic", D: tick})
	for _, d := range settled {
		t.voice.tell(timeline.Event{
			Type: timeline.TrafficSettled, On: subjects(d.Ready),
			Msg: "no call from before the even window is in flight", D: d,
		})
	}
}

// settled takes out the even windows whose predecessors have all ended, with the last
// pick of every replica that they leave out.
func (t *traffic) settled(now float64) []timeline.Balanced {
	var out []timeline.Balanced
	t.settle = slices.DeleteFunc(t.settle, func(s settling) bool {
		if now < s.at {
			return false
		}
		for _, name := range s.d.Ready {
			delete(s.d.LastPick, name)
		}
		out = append(out, s.d)
		return true
	})
	return out
}

// Totals counts all calls so far.
func (t *traffic) sum() timeline.Totals {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.totals
	s.ByCode = maps.Clone(s.ByCode)
	return s
}

// quantile is the nearest-rank q-quantile of sorted, 0 for none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(q*float64(len(sorted))+.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

func subjects(replicas []string) []string {
	on := make([]string, len(replicas))
	for i, r := range replicas {
		on[i] = timeline.Replica(r)
	}
	return on
}
