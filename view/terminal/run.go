package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"devstack/timeline"
	"devstack/view"
)

// pace is the least time between two batches: the view draws at most twenty times a second.
const pace = 50 * time.Millisecond

// idle is how long a batch is waited for; an empty one then moves the clock.
const idle = 250 * time.Millisecond

// Run takes the terminal of in and out over and draws log until it is closed, or, with
// cfg.Player, until the person leaves. It returns the last picture after the terminal is
// as it was, and after all that it started has ended. in and out must be terminals.
func Run(ctx context.Context, cfg Config, log *timeline.Log, in, out *os.File) (*view.State, error) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	m := newModel(cfg, doing(ctx, &running))
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler(), tea.WithFPS(20))
	if log != nil {
		running.Go(func() { feed(ctx, log, p.Send) })
	}
	_, err := p.Run()
	cancel()
	running.Wait()
	if err != nil {
		return m.state, fmt.Errorf("draw on the terminal: %w", err)
	}
	return m.state, nil
}

// doing runs actions beside the drawing; running is waited for by whoever ends ctx. The
// action does not depend on bubbletea ever asking for its answer.
func doing(ctx context.Context, running *sync.WaitGroup) act {
	return func(what string, f func(context.Context) error) tea.Cmd {
		done := make(chan answer, 1)
		running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, actionLimit)
			defer cancel()
			done <- answer{what, f(ctx)}
		})
		return func() tea.Msg {
			select {
			case a := <-done:
				return a
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// feed sends what log gets in batches, not more often than a person can see.
func feed(ctx context.Context, log *timeline.Log, send func(tea.Msg)) {
	var seq uint64
	for {
		wait, cancel := context.WithTimeout(ctx, idle)
		events, err := log.Next(wait, seq)
		cancel()
		if len(events) > 0 {
			seq = events[len(events)-1].Seq
		}
		if ctx.Err() != nil {
			return
		}
		ended := errors.Is(err, io.EOF)
		send(Batch{Events: events, Now: log.At(time.Now()), Ended: ended})
		if ended {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pace):
		}
	}
}
