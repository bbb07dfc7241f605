// Command fortio is fortio's gRPC runner behind the few flags that a comparison needs. Its
// own command line brings a script language along and counts a connection a worker unless
// told otherwise; the runner is the same.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"fortio.org/fortio/fgrpc"
	"fortio.org/fortio/periodic"
	"fortio.org/log"
)

func main() {
	target := flag.String("target", "", "host:port of a greeter")
	workers := flag.Int("workers", 10, "calls at any time, on one connection")
	rate := flag.Float64("rate", -1, "calls a second (-1: as fast as the answers come)")
	count := flag.Int64("count", 0, "calls to make, instead of -duration")
	duration := flag.Duration("duration", 3*time.Second, "time to make calls in")
	method := flag.String("method", "", "method to call through reflection; none: the standard health check, compiled in")
	data := flag.String("data", "{}", "request of -method, as JSON")
	flag.Parse()
	log.SetLogLevel(log.Error)
	if err := run(*target, *method, *data, periodic.RunnerOptions{
		QPS: *rate, Duration: *duration, Exactly: *count, Out: io.Discard,
	}, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "fortio:", err)
		os.Exit(1)
	}
}

// run prints what fortio counted as one JSON object.
func run(target, method, data string, pace periodic.RunnerOptions, workers int) error {
	pace.NumThreads = 1 // connections, each with so many streams
	opts := &fgrpc.GRPCRunnerOptions{RunnerOptions: pace, Destination: target, Streams: workers, GrpcMethod: method}
	if method != "" {
		opts.Payload = data
	}
	r, err := fgrpc.RunGRPCTest(opts)
	if err != nil {
		return err
	}
	failed := r.RetCodes[fgrpc.Error]
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"ok": r.DurationHistogram.Count - failed, "failed": failed, "seconds": r.ActualDuration.Seconds(),
	})
}
