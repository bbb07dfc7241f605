package load_test

import (
	"sync/atomic"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/credentials/insecure"
)

var insecureCreds = insecure.NewCredentials()

// spy is a policy that shows what reaches it; policies can only be registered before tests start.
var spy = &spyBuilder{}

func init() { balancer.Register(spy) }

type spyBuilder struct {
	see atomic.Pointer[func(balancer.ClientConnState)]
}

func (*spyBuilder) Name() string { return "spy" }

func (b *spyBuilder) set(see func(balancer.ClientConnState)) { b.see.Store(&see) }

func (b *spyBuilder) Build(cc balancer.ClientConn, _ balancer.BuildOptions) balancer.Balancer {
	return &spyBalancer{see: *b.see.Load()}
}

type spyBalancer struct {
	balancer.Balancer
	see func(balancer.ClientConnState)
}

func (b *spyBalancer) UpdateClientConnState(s balancer.ClientConnState) error { b.see(s); return nil }
func (b *spyBalancer) Close()                                                 {}
func (b *spyBalancer) ExitIdle()                                              {}
