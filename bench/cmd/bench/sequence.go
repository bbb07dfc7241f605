package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/consul/sdk/testutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter/helloworld"
)

// notTest lets sdk/testutil work outside of a test. What it would fail with, it panics with.
type notTest struct{ testing.TB }

type testFailed struct{ text string }

func (notTest) Helper()                        {}
func (notTest) Name() string                   { return "bench" }
func (notTest) Failed() bool                   { return false }
func (notTest) Cleanup(func())                 {}
func (notTest) Log(...any)                     {}
func (notTest) Logf(string, ...any)            {}
func (notTest) Fatal(args ...any)              { panic(testFailed{fmt.Sprint(args...)}) }
func (notTest) Fatalf(format string, a ...any) { panic(testFailed{fmt.Sprintf(format, a...)}) }
func (notTest) Skip(args ...any)               { panic(testFailed{fmt.Sprint(args...)}) }
func (notTest) FailNow()                       { panic(testFailed{"failed"}) }
func (notTest) Error(args ...any)              { panic(testFailed{fmt.Sprint(args...)}) }
func (notTest) Errorf(format string, a ...any) { panic(testFailed{fmt.Sprintf(format, a...)}) }

// sequence is the time that a test's set-up takes to come to the same state: Consul from
// sdk/testutil, then one greeter after the other, each awaited in the catalog, and a call.
// The Consul it runs is the one in devstack, so that only the way differs.
func (b *bench) sequence(ctx context.Context) (took time.Duration, err error) {
	if err := b.consulOnPath(); err != nil {
		return 0, err
	}
	defer func() {
		if f, ok := recover().(testFailed); ok {
			err = errors.Join(err, errors.New("sdk/testutil: "+f.text))
		}
	}()
	begin := time.Now()
	server, err := testutil.NewTestServerConfigT(notTest{}, func(c *testutil.TestServerConfig) {
		c.LogLevel, c.Stdout, c.Stderr = "error", io.Discard, io.Discard
	})
	if err != nil {
		return 0, fmt.Errorf("start Consul from sdk/testutil: %w", err)
	}
	defer server.Stop()
	server.WaitForLeader(notTest{})
	var addr string
	for i := range readyReplicas {
		name := fmt.Sprintf("greeter-%d", i+1)
		a, stop, err := b.greeter(ctx, "--name", name, "--consul", server.HTTPAddr)
		if err != nil {
			return 0, err
		}
		defer stop()
		if err := awaitPassing(ctx, server.HTTPAddr, name); err != nil {
			return 0, err
		}
		addr = a
	}
	err = greet(ctx, addr)
	return time.Since(begin), err
}

// consulOnPath puts devstack on the path under the name that testutil looks for.
func (b *bench) consulOnPath() error {
	link := filepath.Join(b.dir, "consul")
	if err := os.Symlink(b.devstack, link); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil
		}
		return err
	}
	return os.Setenv("PATH", b.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func awaitPassing(ctx context.Context, consul, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if page, err := get(ctx, "http://"+consul+"/v1/health/service/greeter?passing"); err == nil && bytes.Contains(page, []byte(name)) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("wait for %s in the catalog: %w", name, context.Cause(ctx))
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func greet(ctx context.Context, addr string) error {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = helloworld.NewGreeterClient(conn).SayHello(ctx, &helloworld.HelloReq{Name: "bench"})
	return err
}
