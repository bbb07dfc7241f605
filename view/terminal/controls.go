package terminal

import (
	"context"
	"time"
)

// Controls is what the keys do. Its methods may be called concurrently, and may take
// their time: they never run on the goroutine that draws.
type Controls interface {
	// Inject breaks a replica, or with a kind of Consul's an agent, for a time.
	Inject(ctx context.Context, kind, target string, limit time.Duration) error
	Heal(ctx context.Context, fault int) error
	HealAll(ctx context.Context) error
	// SetRate changes the offered load, in calls per second.
	SetRate(ctx context.Context, rate float64) error
	// CallOnce makes exactly one call.
	CallOnce(ctx context.Context) error
}

// FaultLimit is when a fault that a key made heals by itself, so that a demonstration
// that is forgotten mends itself.
const FaultLimit = time.Minute

// actionLimit bounds what one key may take.
const actionLimit = 30 * time.Second

// rates are the steps of the rate keys, in calls per second.
var rates = []float64{0, 1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000}

// step is the next of rates above or below rate.
func step(rate float64, up bool) float64 {
	below, above := rates[0], rates[len(rates)-1]
	for _, r := range rates {
		if r < rate {
			below = r
		}
	}
	for i := len(rates) - 1; i >= 0; i-- {
		if rates[i] > rate {
			above = rates[i]
		}
	}
	if up {
		return max(rate, above)
	}
	return below
}
