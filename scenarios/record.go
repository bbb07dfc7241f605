package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/timeline"
)

// Record is all that the judge may look at: the events and the calls of one run.
type Record struct {
	Events []timeline.Event
	Calls  []timeline.Call
}

// ReadRecord reads the record of a run folder.
func ReadRecord(dir string) (Record, error) {
	file, err := os.Open(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		return Record{}, fmt.Errorf("read the record: %w", err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if err != nil && !errors.Is(err, timeline.ErrTruncated) {
		return Record{}, fmt.Errorf("read the record: %w", err)
	}
	calls, err := readCalls(dir, events)
	return Record{Events: events, Calls: calls}, err
}

// readCalls reads rpcs.ndjson.gz; addresses become names as the events tell them.
func readCalls(dir string, events []timeline.Event) ([]timeline.Call, error) {
	file, err := os.Open(filepath.Join(dir, timeline.RPCsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // the stack never came up
	}
	if err != nil {
		return nil, fmt.Errorf("read the calls: %w", err)
	}
	defer file.Close()
	names := addresses(events)
	var calls []timeline.Call
	for r, err := range load.Results(file) {
		if errors.Is(err, load.ErrTruncated) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the calls: %w", err)
		}
		c := timeline.Call{
			Due: r.Due.Seconds(), Sent: r.Sent.Seconds(), Picked: r.Picked.Seconds(), Done: r.Done.Seconds(),
			OK: r.Code == codes.OK, Code: timeline.Code(r.Code.String()), Replica: r.Backend, Attempts: r.Attempts, Client: r.Client, Key: r.Key,
		}
		if c.Replica == "" {
			c.Replica = names[r.Addr]
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// addresses maps host:port to the replica that listened there.
func addresses(events []timeline.Event) map[string]string {
	m := map[string]string{}
	for _, e := range events {
		if p, ok := timeline.Payload[timeline.Process](e); ok && e.Type == timeline.ReplicaListening && len(e.On) > 0 {
			m[p.Addr] = timeline.ReplicaName(e.On[0])
		}
	}
	return m
}

// window is a stretch of a run, [from, to) in seconds.
type window struct{ from, to float64 }

func (w window) has(t float64) bool { return t >= w.from && t < w.to }

// calls are those that ended in w.
func (r Record) calls(w window) []timeline.Call {
	var out []timeline.Call
	for _, c := range r.Calls {
		if w.has(c.Done) {
			out = append(out, c)
		}
	}
	return out
}

// spread is the largest max − min of picks over the ready replicas, in any stretch of w
// in which the picker did not change. Calls sent before such a stretch may have been
// picked by the picker before it and do not count. seen is false when nothing was picked.
func (r Record) spread(w window) (most int, seen bool) {
	for _, s := range r.stretches(w) {
		picks := map[string]int{}
		for _, name := range s.ready {
			picks[name] = 0
		}
		n := 0
		for _, c := range r.Calls {
			if c.Sent < s.from || c.Picked == 0 || !s.has(c.Picked) {
				continue
			}
			if _, ok := picks[c.Replica]; ok {
				picks[c.Replica]++
				n++
			}
		}
		// A stretch shorter than a rotation cannot be uneven; skip it so that it cannot
		// make a claim either.
		if n < 2*len(s.ready) || len(s.ready) == 0 {
			continue
		}
		seen = true
		least, greatest := extremes(picks)
		most = max(most, greatest-least)
	}
	return most, seen
}

func extremes(picks map[string]int) (least, greatest int) {
	least = -1
	for _, n := range picks {
		if least < 0 || n < least {
			least = n
		}
		greatest = max(greatest, n)
	}
	return max(least, 0), greatest
}

// stretch is a window in which one picker was in place.
type stretch struct {
	window
	ready []string
}

func (r Record) stretches(w window) []stretch {
	var out []stretch
	cur := stretch{window: window{0, w.to}}
	for _, e := range r.Events {
		p, ok := timeline.Payload[timeline.Picker](e)
		if !ok || e.Type != timeline.PickerUpdated {
			continue
		}
		cur.to = e.T
		out = append(out, cur)
		cur = stretch{window: window{e.T, w.to}, ready: p.Ready}
	}
	out = append(out, cur)
	var in []stretch
	for _, s := range out {
		s.from, s.to = max(s.from, w.from), min(s.to, w.to)
		if s.to > s.from {
			in = append(in, s)
		}
	}
	return in
}

// at is what each layer believed at t.
func (r Record) at(t float64) (ready, listed []string, catalog map[string]string) {
	for _, e := range r.Events {
		if e.T > t {
			break
		}
		switch e.Type {
		case timeline.PickerUpdated:
			p, _ := timeline.Payload[timeline.Picker](e)
			ready = p.Ready
		case timeline.ResolverUpdated, timeline.ResolverEmpty:
			l, _ := timeline.Payload[timeline.Resolved](e)
			listed = l.Endpoints
		case timeline.ConsulServiceChange:
			c, _ := timeline.Payload[timeline.CatalogChange](e)
			catalog = c.Status
		}
	}
	return ready, listed, catalog
}

// inFlight counts the calls that were with one of names at t.
func (r Record) inFlight(names []string, t float64) int {
	n := 0
	for _, c := range r.Calls {
		if c.Picked > 0 && c.Picked <= t && c.Done > t && slices.Contains(names, c.Replica) {
			n++
		}
	}
	return n
}

// events counts those of type t in w.
func (r Record) events(t timeline.Type, w window) int {
	n := 0
	for _, e := range r.Events {
		if e.Type == t && w.has(e.T) {
			n++
		}
	}
	return n
}

// least is the smallest number of replicas that the picker had in w.
func (r Record) least(w window) int {
	list := r.stretches(w)
	if len(list) == 0 {
		return 0
	}
	n := len(list[0].ready)
	for _, s := range list {
		n = min(n, len(s.ready))
	}
	return n
}

// stall is the longest that the machine stood still in w, in seconds.
func (r Record) stall(w window) float64 {
	longest := 0.0
	for _, e := range r.Events {
		s, ok := timeline.Payload[timeline.Stall](e)
		if ok && e.Type == timeline.MachineStalled && e.T >= w.from && e.T-s.MS/1000 < w.to {
			longest = max(longest, s.MS/1000)
		}
	}
	return longest
}
