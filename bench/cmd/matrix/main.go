// Matrix puts this repository's resolver, mbobakov's v1.5.3 and the tutorial's beside each
// other, before a Consul that misbehaves in the same ways for each, and prints what they
// did as a Markdown table. Nothing is judged here; the counts speak.
package main

import (
	"fmt"
	"os"
	"strings"

	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/bench/resolvers"
)

// subject is a contender's builder in one row.
type subject struct {
	grpcresolver.Builder
	code string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(1)
	}
}

func run() error {
	all, err := resolvers.Contenders()
	if err != nil {
		return err
	}
	fmt.Print("| what Consul does, and what is counted |")
	for _, c := range all {
		fmt.Printf(" %s |", c.Name)
	}
	fmt.Printf("\n| --- |%s\n", strings.Repeat(" --- |", len(all)))
	for _, row := range rows() {
		fmt.Printf("| %s |", row.what)
		for _, c := range all {
			b, end := c.New()
			fmt.Printf(" %s |", row.run(subject{b, c.Code}))
			end()
		}
		fmt.Println()
	}
	return latencies()
}
