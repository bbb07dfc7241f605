package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"devstack/control"
	"devstack/stack"
	"devstack/timeline"
	"devstack/view"
)

// errDown is the cause of an end that somebody asked for from another terminal.
var errDown = fmt.Errorf("devstack down: %w", errInterrupted)

// lab is the run of `up` as keys, buttons and other terminals reach it. It exists from
// before the start of its stack until after its end.
type lab struct {
	sess *session

	ctx    context.Context // of the run; ends with errDown when somebody asks for it
	cancel context.CancelCauseFunc

	scaling sync.Mutex // one at a time

	mu       sync.Mutex
	stack    *stack.Stack // nil while it starts
	retiring bool
	hurried  bool
	acting   sync.WaitGroup
	cut      context.Context // of the actions; ends when the run does
	cutOff   context.CancelFunc

	folding sync.Mutex
	state   view.State
}

// newLab is the lab of the run that sess records. Release it.
func newLab(parent context.Context, sess *session) *lab {
	l := &lab{sess: sess}
	l.ctx, l.cancel = context.WithCancelCause(parent)
	l.cut, l.cutOff = context.WithCancel(context.Background())
	return l
}

// release frees what newLab took.
func (l *lab) release() {
	l.cancel(nil)
	l.cutOff()
}

// open lets actions through to s, whose start is over.
func (l *lab) open(s *stack.Stack) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stack = s
	if l.hurried {
		s.Hurry()
	}
}

// retire refuses actions from now on, and waits for those that are under way.
func (l *lab) retire() {
	l.mu.Lock()
	l.retiring = true
	l.mu.Unlock()
	l.cutOff()
	l.acting.Wait()
}

// hurry makes the end of the stack, now or later, an impatient one.
func (l *lab) hurry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurried = true
	if l.stack != nil {
		l.stack.Hurry()
	}
}

// Stop ends the run's context.
func (l *lab) Stop(now bool) {
	l.cancel(errDown)
	if now {
		l.hurry()
	}
}

// begin admits an action to the stack, until it calls done or the run ends.
func (l *lab) begin(ctx context.Context) (_ *stack.Stack, _ context.Context, done func(), _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.retiring || l.ctx.Err() != nil {
		return nil, nil, nil, control.Refuse(control.Broken, "", "the stack is stopping")
	}
	if l.stack == nil {
		return nil, nil, nil, control.Refuse(control.Broken, "devstack wait --for ready", "the stack is still starting")
	}
	l.acting.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(l.cut, cancel)
	return l.stack, ctx, func() { unhook(); cancel(); l.acting.Done() }, nil
}

// Events is the run's log.
func (l *lab) Events() *timeline.Log { return l.sess.Log }

// LogPath finds a child's log by the child's name.
func (l *lab) LogPath(name string) (string, error) { return logPath(l.sess.Dir, name) }

// Heal heals one fault.
func (l *lab) Heal(ctx context.Context, id int) error {
	s, ctx, done, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	return s.Heal(ctx, id)
}

// HealAll heals all of them.
func (l *lab) HealAll(ctx context.Context) error {
	s, ctx, done, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	return s.HealAll(ctx)
}

// Scale changes the number of replicas.
func (l *lab) Scale(ctx context.Context, n int) (added, removed []string, err error) {
	s, ctx, done, err := l.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	l.scaling.Lock()
	defer l.scaling.Unlock()
	added, removed, err = s.Scale(ctx, n)
	if errors.Is(err, stack.ErrConfig) {
		err = control.Refuse(control.Usage, "", "%v", err)
	}
	return added, removed, err
}

// SetRate changes the load.
func (l *lab) SetRate(rate float64) error {
	s, _, done, err := l.begin(l.ctx)
	if err != nil {
		return err
	}
	defer done()
	if !(rate >= 0 && rate <= stack.MaxRate) {
		return control.Refuse(control.Usage, "devstack rate 30", "rate: %v RPC/s is not in 0 to %d", rate, stack.MaxRate)
	}
	if err := s.SetRate(rate); err != nil {
		return control.Refuse(control.Usage, "devstack rate 30", "%v", err)
	}
	return nil
}

// CallOnce makes one call.
func (l *lab) CallOnce(ctx context.Context) error {
	s, ctx, done, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	s.CallOnce(ctx)
	return nil
}
