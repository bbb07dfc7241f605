package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/consul/api"
	"github.com/urfave/cli/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter/helloworld"
	"devstack/load"
	"devstack/resolver"
	"devstack/stack"
	"devstack/stack/proc"
)

func greeterRoute() *cli.Command {
	return &cli.Command{
		Name: "route", Usage: "stand between clients and the replicas, so that clients need one address only",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "layer", Value: stack.ViaRouter, Usage: "what is balanced: router for RPCs, tcp for connections"},
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:0", Usage: "`HOST:PORT` for clients; port 0 takes any"},
			&cli.StringFlag{Name: "target", Value: "consul:///greeter", Usage: "`TARGET` of the replicas"},
		},
		Action: route,
	}
}

func route(c *cli.Context) error {
	parent := proc.Inherit()
	listener, err := net.Listen("tcp", c.String("listen"))
	if err != nil {
		return fmt.Errorf("listen for clients: %w", err)
	}
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	go func() { // lives as long as the process
		<-parent.Gone()
		cancel()
	}()
	if err := parent.Tell(proc.Note{Kind: proc.Listening, Addr: listener.Addr().String()}); err != nil {
		return errors.Join(err, listener.Close())
	}
	switch c.String("layer") {
	case stack.ViaRouter:
		return routeCalls(ctx, listener, c.String("target"))
	case stack.ViaTCP:
		return routeConnections(ctx, listener, c.String("target"))
	}
	return errors.Join(usage("devstack greeter route --help", "--layer: %q is not router or tcp", c.String("layer")), listener.Close())
}

// callRouter forwards each greeting over a channel of its own, which balances.
type callRouter struct {
	helloworld.UnimplementedGreeterServer
	replicas helloworld.GreeterClient
}

func (r callRouter) SayHello(ctx context.Context, req *helloworld.HelloReq) (*helloworld.HelloResp, error) {
	return r.replicas.SayHello(ctx, req)
}

// routeCalls serves until ctx ends. A greeting's deadline and status pass through.
func routeCalls(ctx context.Context, listener net.Listener, target string) error {
	config, err := load.ServiceConfig("round_robin")
	if err != nil {
		return err
	}
	builder := resolver.NewBuilder(resolver.WithLinger(0))
	defer builder.Close()
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(config), grpc.WithResolvers(builder), grpc.WithNoProxy())
	if err != nil {
		return fmt.Errorf("make a channel to %s: %w", target, err)
	}
	defer conn.Close()
	server := grpc.NewServer()
	helloworld.RegisterGreeterServer(server, callRouter{replicas: helloworld.NewGreeterClient(conn)})
	defer context.AfterFunc(ctx, server.Stop)()
	return server.Serve(listener)
}

// connRouter gives each connection to the next replica that passes in Consul.
type connRouter struct {
	client  *api.Client
	service string
	next    atomic.Uint64
}

// routeConnections serves until ctx ends.
func routeConnections(ctx context.Context, listener net.Listener, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return usage("devstack greeter route --help", "--target: %w", err)
	}
	client, err := consulClient(u.Host)
	if err != nil {
		return err
	}
	r := &connRouter{client: client, service: strings.Trim(u.Path, "/")}
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept a client: %w", err)
		}
		serving.Go(func() { r.serve(ctx, conn) })
	}
}

// serve carries bytes both ways until either side ends.
func (r *connRouter) serve(ctx context.Context, client net.Conn) {
	defer client.Close()
	replica, err := r.connect(ctx)
	if err != nil {
		return // the client sees its connection end
	}
	defer replica.Close()
	defer context.AfterFunc(ctx, func() { client.Close(); replica.Close() })()
	var back sync.WaitGroup
	back.Go(func() { io.Copy(client, replica); client.Close() })
	io.Copy(replica, client)
	replica.Close()
	back.Wait()
}

func (r *connRouter) connect(ctx context.Context) (net.Conn, error) {
	entries, _, err := r.client.Health().Service(r.service, "", true, (&api.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("ask Consul for %s: %w", r.service, err)
	}
	err = fmt.Errorf("nobody passes in %s", r.service)
	var dialer net.Dialer
	for range entries {
		s := entries[int(r.next.Add(1)-1)%len(entries)].Service
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.Address, strconv.Itoa(s.Port))); err == nil {
			return conn, nil
		}
	}
	return nil, err
}
