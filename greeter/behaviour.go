package greeter

import (
	"context"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"devstack/greeter/control"
	"devstack/greeter/helloworld"
)

// behaviour is how the replica was told to misbehave. Greetings read it without a lock.
type behaviour struct {
	control.UnimplementedControlServer
	current  atomic.Pointer[control.Behaviour] // never mutated once stored
	warming  atomic.Bool
	onChange func(*control.Behaviour)
}

func newBehaviour(onChange func(*control.Behaviour)) *behaviour {
	b := &behaviour{onChange: onChange}
	b.current.Store(&control.Behaviour{})
	return b
}

func (b *behaviour) Current(ctx context.Context, _ *control.CurrentReq) (*control.Behaviour, error) {
	if err := onlyLocal(ctx); err != nil {
		return nil, err
	}
	return b.current.Load(), nil
}

func (b *behaviour) Behave(ctx context.Context, want *control.Behaviour) (*control.Behaviour, error) {
	if err := onlyLocal(ctx); err != nil {
		return nil, err
	}
	if err := validBehaviour(want); err != nil {
		return nil, err
	}
	now := proto.CloneOf(want)
	b.current.Store(now)
	b.onChange(now)
	return now, nil
}

func validBehaviour(b *control.Behaviour) error {
	switch {
	case !(b.GetErrorRatio() >= 0 && b.GetErrorRatio() <= 1): // NaN too
		return status.Errorf(codes.InvalidArgument, "error_ratio %v is not in 0 to 1", b.GetErrorRatio())
	case b.GetErrorCode() > uint32(codes.Unauthenticated):
		return status.Errorf(codes.InvalidArgument, "error_code %d is no gRPC status code", b.GetErrorCode())
	case control.Health_name[int32(b.GetHealth())] == "":
		return status.Errorf(codes.InvalidArgument, "health %d is unknown", b.GetHealth())
	}
	return nil
}

// onlyLocal keeps other hosts from breaking a replica that was made to listen beyond loopback.
func onlyLocal(ctx context.Context) error {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return status.Error(codes.PermissionDenied, "control: caller without an address")
	}
	if tcp, ok := p.Addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		return status.Errorf(codes.PermissionDenied, "control: %s is not this host", tcp.IP)
	}
	return nil
}

// meddle applies the behaviour to one greeting; nil lets it through.
func (b *behaviour) meddle(ctx context.Context) error {
	if b.warming.Load() {
		return status.Error(codes.Unavailable, "warming up")
	}
	now := b.current.Load()
	if now.GetDeadlock() {
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	}
	if d := delay(now); d > 0 {
		if err := sleep(ctx, d); err != nil {
			return status.FromContextError(err).Err()
		}
	}
	if r := now.GetErrorRatio(); r > 0 && rand.Float64() < r {
		return status.Error(injectedCode(now), "injected error")
	}
	return nil
}

func delay(b *control.Behaviour) time.Duration {
	d := time.Duration(b.GetLatencyMs()) * time.Millisecond
	if j := time.Duration(b.GetLatencyJitterMs()) * time.Millisecond; j > 0 {
		d += rand.N(j)
	}
	return d
}

func injectedCode(b *control.Behaviour) codes.Code {
	if c := codes.Code(b.GetErrorCode()); c != codes.OK {
		return c
	}
	return codes.Unavailable
}

var greeterMethods = "/" + helloworld.Greeter_ServiceDesc.ServiceName + "/"

func (b *behaviour) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if strings.HasPrefix(info.FullMethod, greeterMethods) {
		if err := b.meddle(ctx); err != nil {
			return nil, err
		}
	}
	return handle(ctx, req)
}

func (b *behaviour) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if strings.HasPrefix(info.FullMethod, greeterMethods) {
		if err := b.meddle(ss.Context()); err != nil {
			return err
		}
	}
	return handle(srv, ss)
}
