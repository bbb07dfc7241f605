package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"devstack/timeline"
)

// MaxCallers is how many clients a stack may have: the views have a place for each.
const MaxCallers = 4

// startClients opens the record and each client's channel, and waits for the first
// successful call of each.
func (s *Stack) startClients(ctx context.Context) error {
	var err error
	if s.calls, err = openCalls(s.cfg.Dir); err != nil {
		return err
	}
	for n := range s.cfg.Callers {
		c, err := newClient(s, timeline.Client(n+1))
		if err != nil {
			return err
		}
		s.clients = append(s.clients, c)
	}
	s.first().traffic.census = s.cfg.Channel.IdleTimeout > 0
	for _, c := range s.clients {
		if err := s.orDeath(ctx, c.connect); err != nil {
			return err
		}
	}
	return nil
}

// stopClients closes what startClients opened, however far it came.
func (s *Stack) stopClients() error {
	var errs []error
	for _, c := range slices.Backward(s.clients) {
		errs = append(errs, c.close())
	}
	if s.calls != nil {
		errs = append(errs, s.calls.close())
	}
	return errors.Join(errs...)
}

// first is the client that the run is about.
func (s *Stack) first() *client { return s.clients[0] }

// Clients lists the names of the clients that call the service, the first one first.
func (s *Stack) Clients() []string {
	var names []string
	for _, c := range s.clients {
		names = append(names, c.voice.name)
	}
	return names
}

// ErrUnknownClient is what a name meets that no client has.
var ErrUnknownClient = errors.New("no such client")

// clientCalled finds a client by the name that faults and formulas use, such as client-2.
func (s *Stack) clientCalled(name string) (*client, error) {
	var have []string
	for n, c := range s.clients {
		called := fmt.Sprintf("client-%d", n+1)
		if called == name {
			return c, nil
		}
		have = append(have, called)
	}
	return nil, fmt.Errorf("%w %q (have %v)", ErrUnknownClient, name, have)
}

// load starts the calls of every client.
func (s *Stack) load() {
	ctx, cancel := context.WithCancel(context.Background())
	s.loading = cancel
	s.Recount()
	for _, c := range s.clients {
		s.loaded.Go(func() { c.run(ctx) })
	}
}

// Recount begins a new window for the evenness of picks, as a change of the picker does.
func (s *Stack) Recount() {
	for _, c := range s.clients {
		c.traffic.reset(s.log.At(time.Now()), c.watching.present())
	}
}

// SetRate changes the load that each client offers, in calls per second; 0 pauses it.
func (s *Stack) SetRate(rate float64) error {
	for _, c := range s.clients {
		if err := c.rate.SetRate(rate); err != nil {
			return err
		}
		c.voice.tell(timeline.Event{
			Type: timeline.LoadChanged, Msg: fmt.Sprintf("load is %g RPC/s from now on", rate), D: timeline.LoadRate{Rate: rate},
		})
	}
	return nil
}

// CallOnce makes exactly one call of the first client, on the way that every other call takes.
func (s *Stack) CallOnce(ctx context.Context) { s.first().attack.Once(ctx) }

// Totals counts the calls of all clients so far.
func (s *Stack) Totals() timeline.Totals {
	var sum timeline.Totals
	for _, c := range s.clients {
		t := c.traffic.sum()
		sum.RPCs, sum.OK, sum.Failed = sum.RPCs+t.RPCs, sum.OK+t.OK, sum.Failed+t.Failed
		for code, n := range t.ByCode {
			if sum.ByCode == nil {
				sum.ByCode = map[string]int{}
			}
			sum.ByCode[code] += n
		}
	}
	return sum
}
