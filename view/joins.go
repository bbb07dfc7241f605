package view

import (
	"slices"

	"devstack/timeline"
)

// joins are the replicas that no fault hit and that were first started after a moment, each
// as a band from its start: a picture of growth has them where others have faults.
func joins(events []timeline.Event, after float64, victims []string) []band {
	known := slices.Clone(victims)
	var list []band
	for _, e := range events {
		name := subject(e)
		if e.Type != timeline.ReplicaStarted || slices.Contains(known, name) {
			continue
		}
		known = append(known, name)
		if e.T > after {
			list = append(list, band{from: e.T, to: e.T, name: name + " starts", targets: []string{name}})
		}
	}
	return list
}

// subjects are whom the lanes are about: the faults' targets, then the newcomers.
func (f frame) subjects() []string {
	names := f.victims()
	for _, b := range f.joins {
		names = append(names, b.targets...)
	}
	return names
}

// sights are the moments that deserve a strip of picks: each injection, and each
// newcomer's first pick. calls are in the order of their picks.
func (f frame) sights(calls []timeline.Call) []band {
	list := slices.Clone(f.faults)
	for _, b := range f.joins {
		first := slices.IndexFunc(calls, func(c timeline.Call) bool { return c.Replica == b.targets[0] })
		if first >= 0 {
			list = append(list, band{from: pickTime(calls[first]), name: "the first pick of " + b.targets[0]})
		}
	}
	return list
}
