// Command bare is the least that a load generator can do: workers that call in a loop and
// count. What others reach beside it is what their measuring costs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter/helloworld"
)

func main() {
	target := flag.String("target", "", "host:port of a greeter")
	workers := flag.Int("workers", 10, "calls at any time")
	count := flag.Int64("count", 0, "calls to make (0: no bound)")
	duration := flag.Duration("duration", 3*time.Second, "time to make calls in")
	flag.Parse()
	if err := run(*target, *workers, *count, *duration); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

// run prints what it counted as one JSON object.
func run(target string, workers int, count int64, d time.Duration) error {
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		return err
	}
	defer conn.Close()
	client := helloworld.NewGreeterClient(conn)
	if err := call(client); err != nil { // connects
		return err
	}
	var begun, ok, failed atomic.Int64
	begin := time.Now()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for time.Since(begin) < d && (count == 0 || begun.Add(1) <= count) {
				if call(client) == nil {
					ok.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"ok": ok.Load(), "failed": failed.Load(), "seconds": time.Since(begin).Seconds(),
	})
}

func call(client helloworld.GreeterClient) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := client.SayHello(ctx, &helloworld.HelloReq{Name: "devstack"})
	return err
}
