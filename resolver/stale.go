package resolver

import (
	"fmt"
	"time"

	"github.com/hashicorp/consul/api"
)

// How old an answer is can be believed only of a query that did not block: a blocking one says how old its state was
// when it began, and the streaming backend says nothing. So under MaxStale the two take turns.

// leastWait keeps them from coming in a hot loop.
const leastWait = 100 * time.Millisecond

// staleError is an answer of a server that has not heard from its leader for too long.
type staleError struct{ age, most time.Duration }

func (e *staleError) Error() string {
	return fmt.Sprintf("the answer may be %s old, and max-stale is %s", e.age, e.most)
}

// tooOld refuses an answer that is no proof of anything any more.
func (q query) tooOld(m api.QueryMeta) error {
	if q.maxStale == 0 || m.LastContact < q.maxStale {
		return nil
	}
	return &staleError{m.LastContact, q.maxStale}
}

// patience is how long the next query may block. Under MaxStale it comes back at the moment when the server's word
// would be too old, had the server heard nothing since it last said how old that was.
func (l *loop) patience() time.Duration {
	if l.maxStale == 0 {
		return l.wait
	}
	return min(l.wait, max(l.maxStale-l.now.meta.LastContact, leastWait))
}

// calm is how long a query that brings nothing must have blocked to be no burden.
func (l *loop) calm() time.Duration {
	if l.maxStale > 0 {
		return min(slowest, l.waited)
	}
	return slowest
}
