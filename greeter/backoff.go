package greeter

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff doubles from first to limit; each sleep is spread by ±20 % so that replicas do not march in step.
type backoff struct{ first, limit, next time.Duration }

func newBackoff(first, limit time.Duration) *backoff {
	return &backoff{first: first, limit: limit, next: first}
}

func (b *backoff) reset() { b.next = b.first }

func (b *backoff) sleep(ctx context.Context) {
	d := b.next
	b.next = min(2*b.next, b.limit)
	_ = sleep(ctx, d*4/5+rand.N(d*2/5+1))
}
