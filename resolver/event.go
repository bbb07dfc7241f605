package resolver

import (
	"fmt"
	"time"
)

// Kind is what an Event is about.
type Kind int

// The kinds of events.
const (
	KindStarted       Kind = iota // a channel began to use the target
	KindUpdated                   // the balancer has a new list
	KindUnchanged                 // Consul answered, the list is the same
	KindEmpty                     // Consul has nobody to offer; EmptyReason and Err say why
	KindError                     // a query failed in a new way; Err says how
	KindIndexReset                // Consul's index went back, the next query starts over
	KindBackoff                   // the next query waits for NextRetry
	KindResolveNow                // a balancer's request was honoured
	KindServiceConfig             // the service config changed, or was refused (Err)
	KindClosed                    // the channel stopped using the target, by Close or by going idle
)

var kindNames = [...]string{"started", "updated", "unchanged", "empty", "error", "index-reset", "backoff", "resolve-now", "service-config", "closed"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind(%d)", int(k))
	}
	return kindNames[k]
}

// Event is one thing that happened to one target. Its slices are shared: read, do not write.
//
// Started, Updated, Empty, Error, ServiceConfig and Closed belong to one channel and come after grpc has taken
// what they tell. Unchanged, IndexReset, Backoff and ResolveNow belong to the watch, and come once however many
// channels share it.
type Event struct {
	Time                               time.Time
	Target                             string // without secrets
	Service                            string
	Datacenter                         string // of the watch, empty for the agent's own
	Seq                                uint64 // rises by one per event of a Builder
	Kind                               Kind
	Index, PrevIndex                   uint64        // Consul's, after and before
	Blocked, Wait                      time.Duration // time spent in the query, and the most it was allowed to block
	Endpoints, Added, Removed, Changed []Instance    // Changed has the same address and other attributes
	Skipped                            int           // entries without address or port, or of weight 0
	Attempt                            int           // failures in a row
	NextRetry                          time.Duration
	Err                                error
	EmptyReason                        string
	Backend                            string // "streaming" or "blocking-query", as Consul calls it
	KnownLeader, Stale, CacheHit       bool
	Shared                             bool // more than one channel uses the watch
	Delivered                          bool // grpc was told
}

// Observer is told about events. Calls of one Builder never overlap and come in the order of Seq. Observe must
// return at once, must not call a channel's or the Builder's Close (both wait for the caller), and may panic
// without harm.
type Observer interface{ Observe(Event) }

// ObserverFunc is a function as an Observer.
type ObserverFunc func(Event)

// Observe calls f.
func (f ObserverFunc) Observe(e Event) { f(e) }
