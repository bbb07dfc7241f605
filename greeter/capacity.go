package greeter

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Capacity is how much a replica can do. The zero value is a bare gRPC server: every greeting is handled at once,
// however many there are, and costs nothing.
type Capacity struct {
	Handlers    int           // greetings that are worked on at the same time; 0 = no bound
	ServiceTime time.Duration // of work for each, with a handler of its own; it ends early when the caller gives up
	// Queue is how many greetings may wait for a handler, first come, first served. One more is answered
	// RESOURCE_EXHAUSTED at once. 0 = no bound; each waits as long as its caller does.
	Queue int
}

func (c Capacity) validate() error {
	if c.Handlers < 0 || c.ServiceTime < 0 || c.Queue < 0 {
		return errors.New("capacity: negative handlers, service time or queue")
	}
	return nil
}

// gate lets greetings through as fast as the replica's capacity allows.
type gate struct {
	Capacity
	handlers chan struct{} // holds one for each busy handler; nil without a bound
	waiting  atomic.Int64
}

func newGate(c Capacity) *gate {
	g := &gate{Capacity: c}
	if c.Handlers > 0 {
		g.handlers = make(chan struct{}, c.Handlers)
	}
	return g
}

// enter returns when a handler is free. Who got nil must leave.
func (g *gate) enter(ctx context.Context) error {
	if g.handlers == nil {
		return nil
	}
	select {
	case g.handlers <- struct{}{}: // never ahead of who waits: they fill it first
		return nil
	default:
	}
	n := g.waiting.Add(1)
	defer g.waiting.Add(-1)
	if g.Queue > 0 && n > int64(g.Queue) {
		return status.Errorf(codes.ResourceExhausted, "%d handlers are busy and %d calls wait", g.Handlers, g.Queue)
	}
	select {
	case g.handlers <- struct{}{}: // senders that wait are served in order
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}

func (g *gate) leave() {
	if g.handlers != nil {
		<-g.handlers
	}
}

// serve does one greeting's work and then handles it.
func (g *gate) serve(ctx context.Context, handle func() error) error {
	if err := g.enter(ctx); err != nil {
		return err
	}
	defer g.leave()
	if g.ServiceTime > 0 {
		if err := sleep(ctx, g.ServiceTime); err != nil {
			return status.FromContextError(err).Err()
		}
	}
	return handle()
}

func (g *gate) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (resp any, err error) {
	if !strings.HasPrefix(info.FullMethod, greeterMethods) {
		return handle(ctx, req)
	}
	err = g.serve(ctx, func() (err error) { resp, err = handle(ctx, req); return err })
	return resp, err
}

func (g *gate) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if !strings.HasPrefix(info.FullMethod, greeterMethods) {
		return handle(srv, ss)
	}
	return g.serve(ss.Context(), func() error { return handle(srv, ss) })
}
