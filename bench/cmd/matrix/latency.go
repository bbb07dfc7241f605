package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
)

// latencies prints the median time from a change in Consul to UpdateState, beside that of
// a bare loop of blocking queries, which is what Consul and its client alone need. Rounds
// take turns, so that a busy moment of the machine hits everybody.
func latencies() {
	fmt.Printf("\n| instances | a bare blocking query |")
	list := contenders()[:2]
	for _, c := range list {
		fmt.Printf(" %s |", c.name)
	}
	fmt.Printf("\n| ---: | ---: | ---: | ---: |\n")
	for _, size := range []int{10, 100, 1000, 5000} {
		followers := []*follower{bare(size)}
		for _, c := range list {
			b, end := c.make()
			followers = append(followers, resolved(size, b, end))
		}
		rounds := max(15, 400/size)
		for range min(rounds, 100) {
			for _, f := range followers {
				f.round()
			}
		}
		base := median(followers[0].took)
		fmt.Printf("| %d |", size)
		for n, f := range followers {
			m := median(f.took)
			fmt.Printf(" %s", m.Round(10*time.Microsecond))
			if n > 0 {
				fmt.Printf(" (%.2f×)", float64(m)/float64(base))
			}
			fmt.Print(" |")
			f.end()
		}
		fmt.Println()
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// follower is somebody who follows one Consul; news receives when a change has arrived.
type follower struct {
	consul *consul
	size   int
	index  uint64
	news   chan struct{}
	took   []time.Duration
	end    func()
}

func newFollower(size int) *follower {
	return &follower{consul: keeping(5, web(size)...), size: size, index: 5, news: make(chan struct{}, 16)}
}

// round changes one instance and waits until the news is there.
func (f *follower) round() {
	time.Sleep(120 * time.Millisecond) // let the query that follows block; more than ten changes a second are a storm, and paced
	for len(f.news) > 0 {
		<-f.news
	}
	f.index++
	entries := web(f.size)
	entries[0] = instance(fmt.Sprint("new-", f.index), "127.0.0.1", 20000+int(f.index))
	begin := time.Now()
	f.consul.set(f.index, entries...)
	select {
	case <-f.news:
		f.took = append(f.took, time.Since(begin))
	case <-time.After(20 * time.Second):
		panic("a change never arrived")
	}
}

func bare(size int) *follower {
	f := newFollower(size)
	ctx, cancel := context.WithCancel(context.Background())
	f.end = func() { cancel(); f.consul.stop() }
	client, err := api.NewClient(&api.Config{Address: f.consul.addr()})
	if err != nil {
		panic(err)
	}
	go func() {
		var index uint64
		for ctx.Err() == nil {
			_, meta, err := client.Health().Service("web", "", true, (&api.QueryOptions{WaitIndex: index}).WithContext(ctx))
			if err != nil {
				return
			}
			index = meta.LastIndex
			f.news <- struct{}{}
		}
	}()
	<-f.news
	return f
}

// telling passes on each UpdateState.
type telling struct {
	spy
	news chan struct{}
}

func (t *telling) UpdateState(s grpcresolver.State) error {
	t.news <- struct{}{}
	return nil
}

func resolved(size int, b grpcresolver.Builder, end func()) *follower {
	f := newFollower(size)
	u := targetURL("consul://" + f.consul.addr() + "/web")
	r, err := b.Build(grpcresolver.Target{URL: u}, &telling{news: f.news}, grpcresolver.BuildOptions{})
	if err != nil {
		panic(err)
	}
	f.end = func() { r.Close(); end(); f.consul.stop() }
	<-f.news
	return f
}
