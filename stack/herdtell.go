package stack

import (
	"context"
	"fmt"
	"time"

	"devstack/timeline"
)

// How often the herd looks for something to tell, and how often at most it tells of
// refusals: a thousand channels must not drown a record.
const (
	herdLooks    = 50 * time.Millisecond
	refusalsTold = time.Second
)

// tell puts what happens to the herd as a whole into the record, until ctx ends.
func (h *herd) tell(ctx context.Context) {
	looks := time.NewTicker(herdLooks)
	defer looks.Stop()
	told, next := int64(0), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
		}
		now := time.Now()
		for _, d := range h.progress.due(h.log.At(now)) {
			h.tellList(d)
		}
		if n := h.refused.Load(); n > told && now.After(next) {
			h.tellRefused(int(n - told))
			told, next = n, now.Add(refusalsTold)
		}
	}
}

func (h *herd) tellList(d timeline.Herd) {
	d.Watch, d.Conns = h.watch, int(h.open.Load())
	sev := timeline.Good
	if d.Missed > 0 {
		sev = timeline.Warn
	}
	h.log.Append(timeline.Event{
		Type: timeline.HerdUpdated, Src: herdName, Sev: sev, D: d,
		Msg: fmt.Sprintf("herd: %d of %d have the %s, %.0f ms apart, over %s",
			d.Reached, d.Channels, several(d.Endpoints, "endpoint", "endpoints"), 1000*(d.Last-d.First), several(d.Conns, "connection", "connections")),
	})
}

func (h *herd) tellRefused(n int) {
	d := timeline.HerdRefusal{Refused: n, Waiting: h.progress.waiting(), Conns: int(h.open.Load())}
	h.log.Append(timeline.Event{
		Type: timeline.HerdRefused, Src: herdName, Sev: timeline.Bad, D: d,
		Msg: fmt.Sprintf("herd: %s turned away, %d without a list, %s open",
			several(n, "query", "queries"), d.Waiting, several(d.Conns, "connection", "connections")),
	})
}

// several is how many of what.
func several(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
