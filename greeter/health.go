package greeter

import (
	"sync"

	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"devstack/greeter/control"
	"devstack/greeter/helloworld"
)

// healthState is the one answer that every kind of health check gives.
type healthState struct {
	server *health.Server

	mu   sync.Mutex
	up   bool // warmed up and not stopping
	told control.Health
}

func newHealthState() *healthState {
	h := &healthState{server: health.NewServer()}
	h.publish()
	return h
}

func (h *healthState) setUp(up bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.up = up
	h.publish()
}

func (h *healthState) tell(told control.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = told
	h.publish()
}

// now is the health as checks see it.
func (h *healthState) now() control.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.up {
		return control.Health_NOT_SERVING
	}
	return h.told
}

func (h *healthState) publish() {
	st := healthpb.HealthCheckResponse_SERVING
	if !h.up || h.told == control.Health_NOT_SERVING {
		st = healthpb.HealthCheckResponse_NOT_SERVING
	}
	for _, service := range []string{"", helloworld.Greeter_ServiceDesc.ServiceName} {
		h.server.SetServingStatus(service, st)
	}
}
