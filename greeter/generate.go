package greeter

//go:generate protoc --go_out=. --go_opt=module=devstack/greeter --go-grpc_out=. --go-grpc_opt=module=devstack/greeter helloworld/helloworld.proto control/control.proto
