package greeter

import (
	"context"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/greeter/control"
)

// heartbeat refreshes the TTL check until ctx ends. Errors are left to the watch, which hears of a lost
// Consul as soon and knows what to do.
func (k *keeper) heartbeat(ctx context.Context) {
	beat := time.NewTicker(k.cfg.Check.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			if !k.stall() {
				k.beat(ctx)
			}
		}
	}
}

func (k *keeper) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	q := (&api.QueryOptions{}).WithContext(ctx)
	if err := k.cfg.Consul.Agent().UpdateTTLOpts(checkID(k.cfg.ID), "heartbeat", k.note(), q); err != nil {
		k.cfg.Log.Debug("heartbeat", "replica", k.cfg.Name, "err", err)
	}
}

// heartbeatStatus never says critical: a replica that can still speak passes a TTL check, which is the
// check's weakness.
func (s *Server) heartbeatStatus() string {
	if s.health.now() == control.Health_WARNING {
		return api.HealthWarning
	}
	return api.HealthPassing
}
