// Package resolvers has the Consul resolvers that are compared, and what they are put before.
package resolvers

import (
	"errors"
	"fmt"
	"net/url"

	_ "github.com/mbobakov/grpc-consul-resolver" // registers itself as consul://, after ours by import path
	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/resolver"
	"devstack/resolver/naive"
)

// The names of the contenders.
const (
	Ours     = "devstack"
	Mbobakov = "mbobakov v1.5.3"
	Tutorial = "the tutorial's"
)

// Contender is one resolver. New makes it afresh; end ends what it left running, where it can.
type Contender struct {
	Name string
	Code string // in the stack of every goroutine that runs it
	New  func() (b grpcresolver.Builder, end func())
}

// Contenders are ours, mbobakov's and the tutorial's, in this order.
func Contenders() ([]Contender, error) {
	theirs := grpcresolver.Get("consul")
	if fmt.Sprintf("%T", theirs) == fmt.Sprintf("%T", &resolver.Builder{}) {
		return nil, errors.New("mbobakov's resolver was not registered last")
	}
	return []Contender{
		{Ours, "devstack/resolver.(", func() (grpcresolver.Builder, func()) {
			b := resolver.NewBuilder(resolver.WithLinger(0))
			return b, func() { b.Close() }
		}},
		{Mbobakov, "mbobakov/grpc-consul-resolver", func() (grpcresolver.Builder, func()) { return theirs, func() {} }},
		{Tutorial, "devstack/resolver/naive.(", func() (grpcresolver.Builder, func()) {
			b := naive.NewBuilder(nil)
			return b, func() { b.Close() }
		}},
	}, nil
}

// Target is the target that grpc makes of consul://addr and path, which begins with a slash.
func Target(addr, path string) (grpcresolver.Target, error) {
	u, err := url.Parse("consul://" + addr + path)
	if err != nil {
		return grpcresolver.Target{}, fmt.Errorf("make a target: %w", err)
	}
	return grpcresolver.Target{URL: *u}, nil
}
