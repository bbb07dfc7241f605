package main

import (
	"context"
	"net"
	"net/url"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/bench/resolvers"
)

// build resolves target for a new spy. An error shows as nil.
func build(b grpcresolver.Builder, target string) (*resolvers.Spy, grpcresolver.Resolver) {
	s := &resolvers.Spy{}
	u, err := url.Parse(target)
	if err != nil {
		return s, nil
	}
	r, err := b.Build(grpcresolver.Target{URL: *u}, s, grpcresolver.BuildOptions{})
	if err != nil {
		return s, nil
	}
	return s, r
}

// within reports after how long cond held, or false when it did not.
func within(limit time.Duration, cond func() bool) (time.Duration, bool) {
	begin := time.Now()
	for !cond() {
		if time.Since(begin) > limit {
			return 0, false
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(begin), true
}

// dial is a real channel through b.
func dial(b grpcresolver.Builder, target string) (*grpc.ClientConn, error) {
	return grpc.NewClient(target, grpc.WithResolvers(b), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`))
}

func call(conn *grpc.ClientConn, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	return err
}

// serve is a gRPC server that counts its connections.
func serve() (port int, conns *atomic.Int32, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	conns = new(atomic.Int32)
	srv := grpc.NewServer()
	healthpb.RegisterHealthServer(srv, health.NewServer())
	go srv.Serve(counting{l, conns})
	return l.Addr().(*net.TCPAddr).Port, conns, srv.Stop
}

type counting struct {
	net.Listener
	n *atomic.Int32
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}
