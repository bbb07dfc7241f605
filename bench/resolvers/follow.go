package resolvers

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
)

// Bare is the name of the follower that is no resolver.
const Bare = "a bare blocking query"

// Sizes are the numbers of instances that followers are measured with.
var Sizes = [...]int{10, 100, 1000, 5000}

// Follower is somebody who follows a service in a fake Consul of its own.
type Follower struct {
	Name string

	consul *Consul
	size   int
	index  uint64
	news   chan struct{} // receives when a change has arrived
	end    func()
}

// Follow starts a bare loop of blocking queries, which is what Consul and its client alone
// need, our resolver and mbobakov's, each before a service of size instances.
func Follow(size int) ([]*Follower, error) {
	contenders, err := Contenders()
	if err != nil {
		return nil, err
	}
	bare, err := bare(size)
	if err != nil {
		return nil, err
	}
	all := []*Follower{bare}
	for _, c := range contenders[:2] {
		f, err := resolved(size, c)
		if err != nil {
			Close(all)
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// Close ends followers.
func Close(all []*Follower) {
	for _, f := range all {
		f.end()
		f.consul.Stop()
	}
}

// patience bounds the wait for a change.
const patience = 20 * time.Second

// Round changes one instance and returns how long the news took.
func (f *Follower) Round() (time.Duration, error) {
	time.Sleep(120 * time.Millisecond) // let the query that follows block; more than ten changes a second are a storm, and paced
	for len(f.news) > 0 {
		<-f.news
	}
	f.index++
	entries := Web(f.size)
	entries[0] = Instance(fmt.Sprint("new-", f.index), "127.0.0.1", 20000+int(f.index))
	begin := time.Now()
	f.consul.Set(f.index, entries...)
	return f.arrived(begin)
}

func (f *Follower) arrived(begin time.Time) (time.Duration, error) {
	select {
	case <-f.news:
		return time.Since(begin), nil
	case <-time.After(patience):
		return 0, fmt.Errorf("%s, %d instances: a change did not arrive in %s", f.Name, f.size, patience)
	}
}

func newFollower(name string, size int) *Follower {
	const index = 5
	return &Follower{Name: name, consul: Keeping(index, Web(size)...), size: size, index: index, news: make(chan struct{}, 16)}
}

// begun waits for the first list; without it f is ended.
func (f *Follower) begun() (*Follower, error) {
	if _, err := f.arrived(time.Now()); err != nil {
		Close([]*Follower{f})
		return nil, err
	}
	return f, nil
}

func bare(size int) (*Follower, error) {
	f := newFollower(Bare, size)
	client, err := api.NewClient(&api.Config{Address: f.consul.Addr()})
	if err != nil {
		f.consul.Stop()
		return nil, fmt.Errorf("make a client of Consul: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	f.end = func() { cancel(); <-done }
	go func() {
		defer close(done)
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
	return f.begun()
}

// telling passes on each UpdateState.
type telling struct {
	Spy
	news chan struct{}
}

func (t *telling) UpdateState(grpcresolver.State) error {
	t.news <- struct{}{}
	return nil
}

func resolved(size int, c Contender) (*Follower, error) {
	f := newFollower(c.Name, size)
	target, err := Target(f.consul.Addr(), "/web")
	if err != nil {
		return nil, err
	}
	b, end := c.New()
	r, err := b.Build(target, &telling{news: f.news}, grpcresolver.BuildOptions{})
	if err != nil {
		f.consul.Stop()
		end()
		return nil, fmt.Errorf("build %s: %w", c.Name, err)
	}
	f.end = func() { r.Close(); end() }
	return f.begun()
}
