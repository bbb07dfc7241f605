package greeter

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"devstack/greeter/helloworld"
)

// Call greets once over conn and returns the message and the name of the replica that answered.
// The error keeps its gRPC status.
func Call(ctx context.Context, conn grpc.ClientConnInterface, name string) (message, replica string, err error) {
	resp, err := helloworld.NewGreeterClient(conn).SayHello(ctx, &helloworld.HelloReq{Name: name})
	if err != nil {
		return "", "", fmt.Errorf("greet %s: %w", name, err)
	}
	return resp.GetMessage(), resp.GetReplica(), nil
}
