package resolver_test

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/resolver"
)

// The shortest way: the blank import has registered the scheme.
func Example() {
	conn, err := grpc.NewClient("consul://127.0.0.1:8500/web",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
}

// A Builder of one's own, with options, for some channels only.
func ExampleNewBuilder() {
	b := resolver.NewBuilder(
		resolver.WithAddress("10.0.0.1:8500", "10.0.0.2:8500"),
		resolver.WithTokenFile("consul.token"),
		resolver.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	defer b.Close()
	conn, err := grpc.NewClient("consul:///web?tag=v2&empty=hold=1m", grpc.WithResolvers(b),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
}

// A target can be checked when a program starts, long before the first call.
func ExampleParseTarget() {
	_, err := resolver.ParseTarget("consul:///web?helth=any")
	var bad *resolver.TargetError
	fmt.Println(errors.As(err, &bad), err)

	t, _ := resolver.ParseTarget("consul://127.0.0.1:8500/web?tag=v2&tag=blue")
	fmt.Println(t.Service, t.Tags, t.Agents)
	// Output:
	// true consul target consul:///web: parameter "helth" is unknown; did you mean "health"?
	// web [v2 blue] [127.0.0.1:8500]
}

// Target.String builds a target with everything escaped that has to be.
func ExampleTarget_String() {
	t := resolver.Target{Service: "web", Params: resolver.Params{Tags: []string{"a&b"}, Filter: `Service.Meta.zone == "north"`}}
	fmt.Println(t)
	// Output:
	// consul:///web?filter=Service.Meta.zone+%3D%3D+%22north%22&tag=a%26b
}

// An observer sees what the balancer got, and why it got nothing.
func ExampleWithObserver() {
	b := resolver.NewBuilder(resolver.WithObserver(resolver.ObserverFunc(func(e resolver.Event) {
		switch e.Kind {
		case resolver.KindUpdated:
			fmt.Println("now", len(e.Endpoints), "instances; index", e.Index)
		case resolver.KindEmpty:
			fmt.Println("nobody:", e.EmptyReason)
		}
	})))
	defer b.Close()
}
