package timeline

import (
	"strconv"
	"strings"
)

// FirstClient is the client that a run is about: the ladder, the waterfall and the measures
// of a step are its own unless they say otherwise.
const FirstClient = "client/1"

// clientPrefix is how the name of a client begins, as it stands in Event.Src.
const clientPrefix = "client/"

// Client is the name of a stack's n-th client, counted from 1, as it stands in Event.Src.
func Client(n int) string { return clientPrefix + strconv.Itoa(n) }

// Client is the client whose resolver, channel or calls e tells of, "" when e is of none.
func (e Event) Client() string {
	switch {
	case e.Src == ResolverSrc:
		return FirstClient
	case strings.HasPrefix(e.Src, clientPrefix):
		return e.Src
	}
	return ""
}

// ResolverSrc is who saw what the first client's resolver did. What that of another client
// did comes from the client itself.
const ResolverSrc = "resolver"

// OfAnother reports whether e is of another client than the first. Who folds events into
// what the first one believes leaves it out.
func (e Event) OfAnother() bool {
	c := e.Client()
	return c != "" && c != FirstClient
}

// AsFirst is e as if its client were the only one: the same folds then tell what another
// client believes.
func (e Event) AsFirst() Event {
	e.Src = FirstClient
	return e
}
