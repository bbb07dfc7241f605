package load

import (
	"context"
	"sync"
	"sync/atomic"
)

// closed keeps Workers calls in flight.
func (a *Attack) closed(ctx context.Context) {
	var begun atomic.Uint64
	end := a.now() + a.cfg.Duration
	calls := context.WithoutCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range a.cfg.Workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				now := a.now()
				if a.cfg.Duration > 0 && now >= end || a.cfg.Count > 0 && begun.Add(1) > a.cfg.Count {
					return
				}
				a.do(calls, now)
			}
		})
	}
}
