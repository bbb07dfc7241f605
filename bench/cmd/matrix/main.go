// Matrix puts this repository's resolver, mbobakov's v1.5.3 and the tutorial's beside each
// other, before a Consul that misbehaves in the same ways for each, and prints what they
// did as a Markdown table. Nothing is judged here; the counts speak.
package main

import (
	"fmt"
	"os"
	"strings"

	_ "github.com/mbobakov/grpc-consul-resolver"
	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/resolver"
	"devstack/resolver/naive"
)

// contender is one resolver, made anew for every row.
type contender struct {
	name string
	code string // in the stack of every goroutine that runs it
	make func() (b grpcresolver.Builder, end func())
}

// subject is a contender's builder in one row.
type subject struct {
	grpcresolver.Builder
	code string
}

// theirs is what mbobakov's package registered: its init comes after ours, by import path.
var theirs = grpcresolver.Get("consul")

func contenders() []contender {
	return []contender{
		{"devstack", "devstack/resolver.(", func() (grpcresolver.Builder, func()) {
			b := resolver.NewBuilder(resolver.WithLinger(0))
			return b, func() { b.Close() }
		}},
		{"mbobakov v1.5.3", "mbobakov/grpc-consul-resolver", func() (grpcresolver.Builder, func()) { return theirs, func() {} }},
		{"the tutorial's", "devstack/resolver/naive.(", func() (grpcresolver.Builder, func()) {
			b := naive.NewBuilder(nil)
			return b, func() { b.Close() }
		}},
	}
}

func main() {
	if fmt.Sprintf("%T", theirs) == fmt.Sprintf("%T", resolver.NewBuilder()) {
		fmt.Fprintln(os.Stderr, "matrix: the peer's resolver was not registered last")
		os.Exit(1)
	}
	all := contenders()
	fmt.Print("| what Consul does, and what is counted |")
	for _, c := range all {
		fmt.Printf(" %s |", c.name)
	}
	fmt.Printf("\n| --- |%s\n", strings.Repeat(" --- |", len(all)))
	for _, row := range rows() {
		fmt.Printf("| %s |", row.what)
		for _, c := range all {
			b, end := c.make()
			fmt.Printf(" %s |", row.run(subject{b, c.code}))
			end()
		}
		fmt.Println()
	}
	latencies()
}
