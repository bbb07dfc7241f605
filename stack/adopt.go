package stack

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/timeline"
)

// adoptAgent uses an agent that somebody else runs.
func adoptAgent(ctx context.Context, cfg Config, name string) (*Agent, error) {
	a := &Agent{Name: name, Role: Server, DC: homeDC, cfg: cfg}
	if err := a.connect(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := a.leader(ctx); err != nil {
		return nil, fmt.Errorf("ask Consul at %s for its leader: %w: %w", cfg.Consul.Addr, ErrNoAnswer, err)
	}
	on := []string{timeline.Agent(name)}
	cfg.Timeline.Append(timeline.Event{
		Type: timeline.ConsulAdopted, Src: "supervisor", On: on, Sev: timeline.Good,
		Msg: fmt.Sprintf("the Consul at %s, which somebody else runs, answers", a.HTTP()), D: timeline.Process{Addr: a.HTTP()},
	})
	for _, taken := range a.taken(ctx) {
		cfg.Timeline.Append(timeline.Event{Type: timeline.LogLine, Src: "supervisor", On: on, Sev: timeline.Bad, Msg: taken})
	}
	return a, nil
}

// taken says of which replicas to come the agent has one already that somebody answers for:
// two of one ID take the entry from each other. One that nobody answers for is a leftover, and
// is replaced. An agent that does not let us look has nothing to say.
func (a *Agent) taken(ctx context.Context) []string {
	has, err := a.client.Agent().ServicesWithFilterOpts("", (&api.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil
	}
	var taken []string
	for i := range a.cfg.Replicas {
		id := fmt.Sprintf("%s-%d", a.cfg.Service, i+1)
		entry := has[id]
		if entry == nil {
			continue
		}
		addr := net.JoinHostPort(entry.Address, strconv.Itoa(entry.Port))
		conn, err := (&net.Dialer{Timeout: takenPatience}).DialContext(ctx, "tcp", addr)
		if err != nil {
			continue
		}
		conn.Close()
		taken = append(taken, fmt.Sprintf("%s is registered there already, and answers at %s: another stack uses this Consul, and each takes the entry from the other", id, addr))
	}
	return taken
}

// takenPatience bounds how long it is waited for one who may be there.
const takenPatience = time.Second
