package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter"
	"devstack/load"
	"devstack/resolver"
)

const targetExamples = "devstack load --target consul://127.0.0.1:8500/greeter, or --target 127.0.0.1:50051"

// connectPatience bounds the wait for the first connection of a channel.
const connectPatience = 5 * time.Second

// checkTarget refuses a target that is not loopback before anything is sent to it.
func (p *loadPlan) checkTarget(c *cli.Context) error {
	if isConsul(p.target) {
		if _, err := resolver.ParseTarget(p.target); err != nil {
			return usage(targetExamples, "--target: %w", err)
		}
	} else if !strings.Contains(p.target, ":") {
		return usage(targetExamples, "--target: %q is neither consul:// nor host:port", p.target)
	}
	if p.allowRemote {
		return nil
	}
	if hosts := remoteHosts(c.Context, p.target, net.DefaultResolver.LookupHost); len(hosts) > 0 {
		return errRemote(hosts[0])
	}
	return nil
}

func errRemote(host string) error {
	return usage("--allow-remote, if you may put load on it", "--target: %s is not this machine", host)
}

// loadChannels are the channels that calls take in turn.
type loadChannels struct {
	conns   []*grpc.ClientConn
	builder *resolver.Builder
	next    atomic.Uint64
	once    sync.Once
}

// dial opens the channels; no connection is made before ready. refuse is told, with what
// to say to the user, when the target leads off this machine.
func (p *loadPlan) dial(refuse context.CancelCauseFunc) (*loadChannels, error) {
	config, err := load.ServiceConfig(p.policy)
	if err != nil {
		return nil, err
	}
	l := &loadChannels{builder: resolver.NewBuilder(resolver.WithLinger(0))}
	for range p.connections {
		conn, err := grpc.NewClient(p.target, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultServiceConfig(config), grpc.WithDisableServiceConfig(), grpc.WithResolvers(l.builder),
			grpc.WithNoProxy(), grpc.WithContextDialer(p.dialer(refuse)))
		if err != nil {
			l.close()
			return nil, usage(targetExamples, "--target: %w", err)
		}
		l.conns = append(l.conns, conn)
	}
	return l, nil
}

// dialer looks at where names and catalogs lead: not off this machine unless it is allowed.
func (p *loadPlan) dialer(refuse context.CancelCauseFunc) func(context.Context, string) (net.Conn, error) {
	d := &net.Dialer{}
	if !p.allowRemote {
		d.Control = onlyLoopback(func(addr string) { refuse(errRemote(addr)) })
	}
	return func(ctx context.Context, addr string) (net.Conn, error) {
		if path, ok := strings.CutPrefix(addr, "unix:"); ok || strings.HasPrefix(addr, "\x00") {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
		return d.DialContext(ctx, "tcp", addr)
	}
}

// close ends all channels, and with them the calls in flight. It may be called more than once.
func (l *loadChannels) close() {
	l.once.Do(func() {
		for _, c := range l.conns {
			c.Close()
		}
		l.builder.Close()
	})
}

// ready connects every channel and returns the call to make.
func (l *loadChannels) ready(ctx context.Context, p *loadPlan) (load.Call, error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	for _, conn := range l.conns {
		if err := awaitReady(ctx, conn); err != nil {
			return nil, fmt.Errorf("connect to %s: %w", shownTarget(p.target), err)
		}
	}
	if p.method != "" {
		return l.anyMethod(ctx, p)
	}
	name := strings.Repeat("x", p.payload)
	if p.payload == 0 {
		name = "devstack"
	}
	return func(ctx context.Context) (string, error) {
		_, replica, err := greeter.Call(ctx, l.turn(), name)
		return replica, err
	}, nil
}

// turn is the channel for the next call.
func (l *loadChannels) turn() *grpc.ClientConn {
	if len(l.conns) == 1 {
		return l.conns[0]
	}
	return l.conns[l.next.Add(1)%uint64(len(l.conns))]
}

// awaitReady waits for a connection. When there is none, only a call is told why: so one
// is made, of a method that nobody has.
func awaitReady(ctx context.Context, conn *grpc.ClientConn) error {
	conn.Connect()
	for {
		switch state := conn.GetState(); {
		case state == connectivity.Ready:
			return nil
		case state == connectivity.TransientFailure || !conn.WaitForStateChange(ctx, state):
			return whyNot(ctx, conn)
		}
	}
}

func whyNot(ctx context.Context, conn *grpc.ClientConn) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := conn.Invoke(ctx, "/devstack.Nobody/Answers", rawMessage(nil), new(rawMessage), grpc.ForceCodecV2(rawCodec{}))
	if err == nil || conn.GetState() == connectivity.Ready {
		return nil
	}
	return err
}
