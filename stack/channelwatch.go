package stack

import (
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc/connectivity"

	"devstack/load"
	"devstack/timeline"
)

// channelWatch tells what a client's channel does: each subchannel's state, and which
// replicas the picker chooses among. grpc calls it in order, never concurrently.
type channelWatch struct {
	voice   voice
	names   *names
	traffic *traffic

	mu    sync.Mutex // present is asked from outside
	ready []string
	state connectivity.State
}

// present is the ready set of the picker in place.
func (w *channelWatch) present() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ready
}

// SubchannelChanged implements load.ChannelObserver.
func (w *channelWatch) SubchannelChanged(c load.SubchannelChange) {
	name := w.names.of(c.Addr)
	d := timeline.Subchannel{Replica: name, Addr: c.Addr, From: c.From.String(), To: c.To.String()}
	if c.Err != nil {
		d.Error = c.Err.Error()
	}
	sev := timeline.Info
	switch {
	case c.To == connectivity.Ready:
		sev = timeline.Good
	case c.From == connectivity.Ready && c.To != connectivity.Shutdown, c.To == connectivity.TransientFailure:
		sev = timeline.Warn
	}
	w.voice.tell(timeline.Event{
		Type: timeline.SubchannelChanged, On: []string{timeline.Replica(name)}, Sev: sev,
		Msg: fmt.Sprintf("subchannel %s %s → %s", name, d.From, d.To), D: d,
	})
}

// PickerUpdated implements load.ChannelObserver.
func (w *channelWatch) PickerUpdated(p load.PickerUpdate) {
	ready := w.names.all(p.Ready)
	w.mu.Lock()
	defer w.mu.Unlock()
	added, removed := without(ready, w.ready), without(w.ready, ready)
	w.ready, w.state = ready, p.State
	w.traffic.reset(p.Time.Sub(w.voice.log.Start()).Seconds(), ready)
	sev := timeline.Info
	if len(removed) > 0 {
		sev = timeline.Warn
	}
	w.voice.tell(timeline.Event{
		Type: timeline.PickerUpdated, On: subjects(slices.Concat(added, removed)), Sev: sev,
		Msg: fmt.Sprintf("picker %s, ready {%s}", p.State, timeline.Few(ready, ", ")),
		D:   timeline.Picker{State: p.State.String(), Ready: ready, Added: added, Removed: removed},
	})
}

// without is a without the elements of b.
func without(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}
