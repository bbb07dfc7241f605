// Package naive is a Consul resolver as many tutorials write it, with all its faults, for a
// lab that wants to show them. Do not use it for anything else: package resolver is the one
// to use. Nothing is registered by importing it.
//
// What is wrong, and what package resolver does instead:
//
//   - An error of Consul is noted and then forgotten: the code goes on with an answer that
//     is not there and panics. In a program of its own that ends the client; here the panic
//     ends the resolver and is reported, and the channel keeps what it had, for ever.
//     (Instead: back off with jitter, ask again from the start, keep the list.)
//   - The index of the last answer is used as it is. Where it goes back without an error that
//     would have been the end already (a restart or a restored snapshot behind a proxy), the
//     query waits for a number that is far away. (Instead: an index that goes back starts
//     over, and so does every error.)
//   - Close ends nothing. Each time a channel leaves idleness, one more goroutine and one
//     more query stay behind, each holding a connection to the agent. (Instead: channels
//     share a watch, which ends with the last of them.)
//   - Queries have no time limit of their own, so an agent that hangs is never noticed.
//   - An empty answer is passed on without a word about why.
//   - Parameters of the target are ignored, and so is a service without an address of its
//     own, which is meant to be reached at its node's.
package naive

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
)

// Builder makes naive resolvers, for use with grpc.WithResolvers. Its methods may be
// called concurrently.
type Builder struct {
	crashed  func(error)
	lab      context.Context // what the original lacks: an end, so that the lab can clean up
	end      context.CancelFunc
	watching atomic.Int32
	running  sync.WaitGroup
}

// NewBuilder makes a Builder. crashed is told about each panic, from the goroutine that it
// ended; nil ignores them.
func NewBuilder(crashed func(error)) *Builder {
	b := &Builder{crashed: crashed}
	b.lab, b.end = context.WithCancel(context.Background())
	return b
}

// Scheme is "consul".
func (b *Builder) Scheme() string { return "consul" }

// Watching is how many goroutines follow Consul now, those that nobody needs included.
func (b *Builder) Watching() int { return int(b.watching.Load()) }

// Close ends every goroutine for real and waits for it.
func (b *Builder) Close() error {
	b.end()
	b.running.Wait()
	return nil
}

// Build starts one more watcher.
func (b *Builder) Build(target grpcresolver.Target, cc grpcresolver.ClientConn, _ grpcresolver.BuildOptions) (grpcresolver.Resolver, error) {
	client, err := api.NewClient(&api.Config{Address: target.URL.Host})
	if err != nil {
		return nil, fmt.Errorf("naive resolver: %w", err)
	}
	w := &watcher{client: client, service: strings.Trim(target.URL.Path, "/"), cc: cc}
	b.watching.Add(1)
	b.running.Go(func() {
		defer b.watching.Add(-1)
		defer b.report()
		w.watch(b.lab)
	})
	return w, nil
}

// report turns the end of the program into a message.
func (b *Builder) report() {
	if p := recover(); p != nil && b.crashed != nil {
		b.crashed(fmt.Errorf("naive resolver: panic: %v", p))
	}
}

// watcher is one resolver. It has no end of its own.
type watcher struct {
	client  *api.Client
	service string
	cc      grpcresolver.ClientConn
}

func (w *watcher) watch(lab context.Context) {
	var index uint64
	for {
		entries, meta, err := w.client.Health().Service(w.service, "", true, (&api.QueryOptions{WaitIndex: index}).WithContext(lab))
		if lab.Err() != nil {
			return
		}
		if err != nil {
			w.cc.ReportError(err) // and on it goes, with a meta that is nil
		}
		index = meta.LastIndex
		_ = w.cc.UpdateState(grpcresolver.State{Addresses: addresses(entries)})
	}
}

func addresses(entries []*api.ServiceEntry) []grpcresolver.Address {
	var out []grpcresolver.Address
	for _, e := range entries {
		out = append(out, grpcresolver.Address{Addr: net.JoinHostPort(e.Service.Address, strconv.Itoa(e.Service.Port))})
	}
	return out
}

// ResolveNow does nothing.
func (*watcher) ResolveNow(grpcresolver.ResolveNowOptions) {}

// Close does nothing.
func (*watcher) Close() {}
