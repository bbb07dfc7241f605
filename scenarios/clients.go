package scenarios

import (
	"slices"
	"strings"

	"devstack/timeline"
)

// clients are the names of the clients that the record tells of, the first one first.
func (r Record) clients() []string {
	names := []string{timeline.FirstClient}
	for _, e := range r.Events {
		if c := e.Client(); e.OfAnother() && !slices.Contains(names, c) {
			names = append(names, c)
		}
	}
	slices.Sort(names[1:])
	return names
}

// of is the record as it would be if that client were the only one.
func (r Record) of(client string) Record {
	var own Record
	for _, e := range r.Events {
		if e, ok := seenBy(client, e); ok {
			own.Events = append(own.Events, e)
		}
	}
	for _, c := range r.Calls {
		if c.Client == client || c.Client == "" && client == timeline.FirstClient {
			own.Calls = append(own.Calls, c)
		}
	}
	return own
}

// seenBy reports whether e is of that client or of none, and returns it as if no other
// client were there.
func seenBy(client string, e timeline.Event) (timeline.Event, bool) {
	switch e.Client() {
	case "":
		return e, true
	case client:
		return e.AsFirst(), true
	}
	return e, false
}

// formulaName is a client as formulas and faults name it: client-2.
func formulaName(client string) string { return strings.ReplaceAll(client, "/", "-") }
