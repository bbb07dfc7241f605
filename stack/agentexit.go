package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"devstack/stack/proc"
	"devstack/timeline"
)

// exitFact is how the end of a child goes on the record: bad, and with its last lines, when
// nobody here ordered it.
func exitFact(exit proc.Exit) (timeline.Sev, timeline.Exit) {
	d := timeline.Exit{
		PID: exit.PID, Status: exit.Status, Ordered: exit.Ordered,
		UptimeMS: float64(exit.Uptime.Microseconds()) / 1000, Log: exit.LogPath,
	}
	if exit.Ordered {
		return timeline.Warn, d
	}
	d.Tail = exit.Tail
	return timeline.Bad, d
}

// reportExit waits for the end of child and tells of it.
func (a *Agent) reportExit(child *proc.Child) {
	exit := child.Exit()
	sev, d := exitFact(exit)
	a.cfg.Timeline.Append(timeline.Event{
		Type: timeline.ConsulExited, Src: "supervisor", On: []string{timeline.Agent(a.Name)}, Sev: sev,
		Msg: fmt.Sprintf("%s ended: %s", a.Name, exit.Status), D: d,
	})
}

// kill ends the agent's process without asking, and returns when its end is on the record.
func (a *Agent) kill() error {
	child, told, err := a.living()
	if err != nil {
		return err
	}
	if err := child.Kill(); err != nil {
		return err
	}
	<-told
	return nil
}

// end asks the agent's process to leave, as stop does, and returns when its end is on the record.
func (a *Agent) end(now <-chan struct{}) error {
	child, told, err := a.living()
	if err != nil {
		return err
	}
	child.Stop(agentGrace, now)
	<-told
	return nil
}

// living is the agent's present process, and what is closed when its end is on the record.
func (a *Agent) living() (*proc.Child, <-chan struct{}, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.child == nil {
		return nil, nil, ErrForeign
	}
	return a.child, a.told, nil
}

// deathOf is the end of an agent as the error of who waits for it.
func deathOf(child *proc.Child) error {
	exit := child.Exit()
	if strings.Contains(strings.Join(exit.Tail, "\n"), "address already in use") {
		return fmt.Errorf("wait for a Consul leader: %w: %w", ErrPortTaken, &exit)
	}
	return fmt.Errorf("wait for a Consul leader: %w", &exit)
}

// untilDeath runs f. The first agent that dies meanwhile ends its context, and is then the
// error: all that f missed follows from it.
func (c *cluster) untilDeath(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel(nil)
	for _, a := range c.agents {
		child, err := a.process()
		if err != nil {
			continue // a foreign one
		}
		watching.Go(func() {
			select {
			case <-child.Done():
				cancel(deathOf(child))
			case <-ctx.Done():
			}
		})
	}
	err := f(ctx)
	if death, ok := errors.AsType[*proc.Exit](context.Cause(ctx)); ok && death != nil && err != nil {
		return context.Cause(ctx)
	}
	return err
}
