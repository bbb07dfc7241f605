package load

import (
	"context"
	"time"

	"google.golang.org/grpc/balancer"
)

// Pick is which connection one call was given. The channel must use ObservedPolicy. Read it after the call
// has ended.
type Pick struct {
	Addr     string // host:port of the last connection that was used
	Time     time.Time
	Attempts int // connections that were used; transparent retries count
}

type pickKey struct{}

// CaptureTo makes the picker of an observed channel write into p for the one call that is made with the
// returned context. The last attempt wins.
func CaptureTo(ctx context.Context, p *Pick) context.Context {
	return context.WithValue(ctx, pickKey{}, p)
}

func captured(ctx context.Context) *Pick {
	if ctx == nil {
		return nil
	}
	p, _ := ctx.Value(pickKey{}).(*Pick)
	return p
}

// note writes a pick down and returns the Done function that takes it back should grpc not use it: a
// connection that broke since is picked again, and Done is then called with nothing to tell.
func (p *Pick) note(addr string, done func(balancer.DoneInfo)) func(balancer.DoneInfo) {
	before := *p
	*p = Pick{Addr: addr, Time: time.Now(), Attempts: before.Attempts + 1}
	return func(info balancer.DoneInfo) {
		if info.Err == nil && !info.BytesSent && !info.BytesReceived {
			*p = before
		}
		if done != nil {
			done(info)
		}
	}
}

// picker lets the wrapped policy pick, and puts grpc's own SubConn in place of ours. It has no state.
type picker struct{ balancer.Picker }

func (p picker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	res, err := p.Picker.Pick(info)
	if err != nil {
		return res, err
	}
	sc, ok := res.SubConn.(*subConn)
	if !ok {
		return res, nil
	}
	res.SubConn = sc.SubConn
	if c := captured(info.Ctx); c != nil {
		res.Done = c.note(*sc.addr.Load(), res.Done)
	}
	return res, nil
}
