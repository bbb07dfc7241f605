// Command devstack is a failure lab for gRPC service discovery: a real Consul, real
// greeter replicas, a client that finds them, and ways to break all of it on purpose.
package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"
)

// started is as early as this program can look at a clock.
var started = time.Now()

func main() {
	if filepath.Base(os.Args[0]) == "consul" {
		os.Exit(runConsul(os.Args[1:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "consul" {
		os.Exit(runConsul(os.Args[2:]))
	}
	os.Exit(run(context.Background(), os.Args, streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are the three files of a program.
type streams struct {
	in  *os.File
	out *os.File
	err io.Writer
}

// run is the whole program but Consul: it returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	app := newApp(std)
	err := app.RunContext(ctx, reorder(app, args))
	return report(std.err, err)
}
