package load

import "time"

// alarm wakes the one goroutine that sets it.
type alarm struct {
	rang  chan struct{}       // receives once after each set, and at most once for sets that another one replaced
	set   func(time.Duration) // to be above 0
	close func()
}

// newAlarm makes the most exact one that this system has.
func newAlarm() *alarm {
	if a, ok := kernelAlarm(); ok {
		return a
	}
	return runtimeAlarm()
}

// runtimeAlarm is Go's own timer, which also knows a test's fake time.
func runtimeAlarm() *alarm {
	a := &alarm{rang: make(chan struct{}, 1)}
	t := time.AfterFunc(Never, a.ring)
	a.set = func(d time.Duration) { t.Reset(d) }
	a.close = func() { t.Stop() }
	return a
}

func (a *alarm) ring() {
	select {
	case a.rang <- struct{}{}:
	default:
	}
}
