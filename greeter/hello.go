package greeter

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"devstack/greeter/helloworld"
)

// hello answers greetings; it knows nothing of faults, which the interceptors apply before it.
type hello struct {
	helloworld.UnimplementedGreeterServer
	replica string
}

func (h hello) answer(name string) *helloworld.HelloResp {
	return &helloworld.HelloResp{Message: "Hello, " + name, Replica: h.replica}
}

func (h hello) SayHello(_ context.Context, req *helloworld.HelloReq) (*helloworld.HelloResp, error) {
	return h.answer(req.GetName()), nil
}

func (h hello) SayHelloSlowly(req *helloworld.SlowHelloReq, stream grpc.ServerStreamingServer[helloworld.HelloResp]) error {
	left := time.Duration(req.GetDurationMs()) * time.Millisecond
	every := time.Duration(req.GetEveryMs()) * time.Millisecond
	if every == 0 {
		every = left
	}
	for {
		if err := stream.Send(h.answer(req.GetName())); err != nil {
			return err
		}
		if left <= 0 {
			return nil
		}
		if err := sleep(stream.Context(), min(every, left)); err != nil {
			return err
		}
		left -= every
	}
}
