package web

import (
	"slices"
	"sort"

	"devstack/timeline"
	"devstack/view"
)

// snapshotEvery is how many events apart the hub's snapshots are at first: a page that asks
// for a moment waits for the fold of no more than so many.
const snapshotEvery = 4096

// maxSnapshots bounds what the snapshots of a run cost, some 400 kB each: when there are
// more, every second one goes, and they are twice as far apart from then on.
const maxSnapshots = 64

// snapshot is the fold of a run up to one of its events. Nobody changes it.
type snapshot struct {
	state     *view.State
	landmarks []timeline.Event
}

// remember keeps a snapshot when one is due; h.mu is held.
func (h *hub) remember() {
	var last uint64
	if n := len(h.past); n > 0 {
		last = h.past[n-1].state.Seq
	}
	if h.state.Seq-last < snapshotEvery<<h.thinned {
		return
	}
	n := len(h.landmarks)
	h.past = append(h.past, snapshot{h.state.Snapshot(), h.landmarks[max(0, n-maxLandmarks):n:n]})
	if len(h.past) == maxSnapshots {
		h.thin()
	}
}

// thin drops every second snapshot, and keeps the last.
func (h *hub) thin() {
	h.thinned++
	var kept []snapshot
	for i, s := range h.past {
		if i%2 == 1 {
			kept = append(kept, s)
		}
	}
	h.past = kept
}

// before is the last snapshot that is not after second t, an empty one when there is none.
func (h *hub) before(t float64) snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := sort.Search(len(h.past), func(i int) bool { return h.past[i].state.T > t })
	if i == 0 {
		return snapshot{state: &view.State{}}
	}
	return h.past[i-1]
}

// at is the picture as it was at second t of the run, folded from the record after the
// snapshot before it.
func (h *hub) at(t float64) Whole {
	from := h.before(t)
	s, landmarks := from.state.Snapshot(), slices.Clone(from.landmarks)
	for e := range h.log.From(s.Seq) {
		if e.T > t {
			break
		}
		s.Add(e)
		if landmark(e) {
			landmarks = append(landmarks, e)
		}
	}
	w := newWhole(h.log, s, landmarks[max(0, len(landmarks)-maxLandmarks):])
	w.Now = t
	return w
}
