package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/consul/sdk/testutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"devstack/greeter/helloworld"
	"devstack/resolver"
)

// What a fake Consul cannot prove about the resolver: these run against a real agent, and
// end to end, through grpc.NewClient.

// backend is a real gRPC server that says its name and counts its connections.
type backend struct {
	helloworld.UnimplementedGreeterServer
	name     string
	addr     *net.TCPAddr
	accepted atomic.Int32
}

func (b *backend) SayHello(context.Context, *helloworld.HelloReq) (*helloworld.HelloResp, error) {
	return &helloworld.HelloResp{Message: "hello", Replica: b.name}, nil
}

type countingListener struct {
	net.Listener
	accepted *atomic.Int32
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return conn, err
}

func startBackend(t *testing.T, name string) *backend {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{name: name, addr: l.Addr().(*net.TCPAddr)}
	srv := grpc.NewServer()
	helloworld.RegisterGreeterServer(srv, b)
	go srv.Serve(countingListener{l, &b.accepted})
	t.Cleanup(srv.Stop)
	return b
}

func (b *backend) register(t *testing.T, consul *api.Client, tags ...string) {
	t.Helper()
	err := consul.Agent().ServiceRegister(&api.AgentServiceRegistration{
		ID: b.name, Name: "greeter", Address: "127.0.0.1", Port: b.addr.Port, Tags: tags, Meta: map[string]string{"tags": strings.Join(tags, "+")},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func agent(t *testing.T, change func(*testutil.TestServerConfig)) *testutil.TestServer {
	t.Helper()
	srv, err := testutil.NewTestServerConfigT(t, func(c *testutil.TestServerConfig) {
		c.Stdout, c.Stderr, c.LogLevel = io.Discard, io.Discard, "error"
		if change != nil {
			change(c)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return srv
}

func apiClient(t *testing.T, addr, token string) *api.Client {
	t.Helper()
	c, err := api.NewClient(&api.Config{Address: addr, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// through is a channel that resolves target with a Builder of its own.
func through(t *testing.T, target string, opts ...resolver.Option) (helloworld.GreeterClient, *resolver.Recorder) {
	t.Helper()
	rec := &resolver.Recorder{}
	b := resolver.NewBuilder(append(opts, resolver.WithObserver(rec))...)
	conn, err := grpc.NewClient(target, grpc.WithResolvers(b), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); b.Close() })
	return helloworld.NewGreeterClient(conn), rec
}

// answers calls n times and returns who answered how often; "" stands for failures.
func answers(c helloworld.GreeterClient, n int) map[string]int {
	got := map[string]int{}
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		resp, err := c.SayHello(ctx, &helloworld.HelloReq{Name: "x"})
		cancel()
		if err != nil {
			got[""]++
			continue
		}
		got[resp.Replica]++
	}
	return got
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestResolverFollowsARealCatalog(t *testing.T) {
	srv := agent(t, nil)
	defer srv.Stop()
	consul := apiClient(t, srv.HTTPAddr, "")
	var backends []*backend
	for i := range 3 {
		b := startBackend(t, fmt.Sprintf("b%d", i+1))
		b.register(t, consul, "v1")
		backends = append(backends, b)
	}
	client, rec := through(t, "consul://"+srv.HTTPAddr+"/greeter?tag=v1")
	even := func(names ...string) func() bool {
		return func() bool {
			got := answers(client, 6)
			return got[""] == 0 && slices.Equal(slices.Sorted(maps.Keys(got)), names) && got[names[0]] == 6/len(names)
		}
	}
	eventually(t, "even over three", even("b1", "b2", "b3"))

	// A tag or meta edit reaches the observer and disturbs no connection.
	before := backends[0].accepted.Load()
	backends[0].register(t, consul, "v1", "blue")
	eventually(t, "the new tag", func() bool {
		return slices.ContainsFunc(rec.Events(), func(e resolver.Event) bool { return len(e.Changed) == 1 })
	})
	if got := answers(client, 6); got["b1"] != 2 || backends[0].accepted.Load() != before {
		t.Errorf("after a tag edit: %v, %d new connections", got, backends[0].accepted.Load()-before)
	}

	if err := consul.Agent().ServiceDeregister("b2"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "even over two", even("b1", "b3"))
	if err := consul.Agent().EnableServiceMaintenance("b1", "test"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "only one", even("b3"))
	if err := consul.Agent().DisableServiceMaintenance("b1"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both again", even("b1", "b3"))

	// The last one leaves: calls fail at once (in the policy's words), and the observer knows why.
	for _, id := range []string{"b1", "b3"} {
		if err := consul.Agent().ServiceDeregister(id); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "nobody", func() bool { return answers(client, 1)[""] == 1 })
	if !slices.ContainsFunc(rec.Events(), func(e resolver.Event) bool {
		return e.Kind == resolver.KindEmpty && errors.Is(e.Err, resolver.ErrUnknownService)
	}) {
		t.Error("no event says why there is nobody")
	}
	backends[1].register(t, consul, "v1")
	eventually(t, "one is back", even("b2"))
}

// A development agent comes back with an empty catalog and a low index.
func TestResolverSurvivesARestartOfARealAgent(t *testing.T) {
	srv := agent(t, nil)
	ports := *srv.Config.Ports
	consul := apiClient(t, srv.HTTPAddr, "")
	a, b := startBackend(t, "a"), startBackend(t, "b")
	a.register(t, consul)
	client, rec := through(t, "consul://"+srv.HTTPAddr+"/greeter?empty=keep&max-backoff=200ms")
	eventually(t, "first answer", func() bool { return answers(client, 1)["a"] == 1 })
	for i := range 50 { // lift the index above anything the new agent will have soon
		if _, err := consul.KV().Put(&api.KVPair{Key: strconv.Itoa(i)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	a.register(t, consul, "late")
	srv.Stop()
	if got := answers(client, 5); got["a"] != 5 {
		t.Errorf("while Consul is away: %v", got)
	}
	eventually(t, "an error", func() bool {
		return slices.ContainsFunc(rec.Events(), func(e resolver.Event) bool { return e.Kind == resolver.KindError })
	})
	srv = agent(t, func(c *testutil.TestServerConfig) { c.Ports = &ports })
	defer srv.Stop()
	b.register(t, consul)
	eventually(t, "the new instance", func() bool { return answers(client, 2)["b"] == 2 })
}

const nodes = `node_prefix "" { policy = "read" }`

// token makes a token that may do what rules say.
func token(t *testing.T, consul *api.Client, name, rules string) string {
	t.Helper()
	policy, _, err := consul.ACL().PolicyCreate(&api.ACLPolicy{Name: name, Rules: rules}, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, _, err := consul.ACL().TokenCreate(&api.ACLToken{Policies: []*api.ACLLink{{ID: policy.ID}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made.SecretID
}

func TestResolverMeetsRealACLs(t *testing.T) {
	const master = "11111111-2222-3333-4444-555555555555"
	srv := agent(t, func(c *testutil.TestServerConfig) {
		c.PrimaryDatacenter = "dc1"
		c.ACL.Enabled, c.ACL.DefaultPolicy, c.ACL.Tokens.InitialManagement = true, "deny", master
	})
	defer srv.Stop()
	consul := apiClient(t, srv.HTTPAddr, master)
	eventually(t, "ACLs", func() bool {
		_, _, err := consul.ACL().TokenReadSelf(nil)
		return err == nil
	})
	a := startBackend(t, "a")
	a.register(t, consul)
	reader, stranger := token(t, consul, "reader", `service "greeter" { policy = "read" } `+nodes), token(t, consul, "stranger", nodes)
	target := "consul://" + srv.HTTPAddr + "/greeter"

	client, _ := through(t, target, resolver.WithToken(reader))
	if got := answers(client, 2); got["a"] != 2 {
		t.Errorf("with the right token: %v", got)
	}
	failure := func(opts ...resolver.Option) (*resolver.Recorder, error) {
		client, rec := through(t, target, opts...)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := client.SayHello(ctx, &helloworld.HelloReq{})
		if err == nil {
			t.Fatal("answered without permission")
		}
		return rec, err
	}
	rec, err := failure(resolver.WithToken(stranger))
	if !strings.Contains(err.Error(), resolver.ErrACLFiltered.Error()) {
		t.Errorf("without permission, the silent empty list reads: %v", err)
	}
	if !slices.ContainsFunc(rec.Events(), func(e resolver.Event) bool { return errors.Is(e.Err, resolver.ErrACLFiltered) }) {
		t.Error("no event carries ErrACLFiltered")
	}
	// Consul hides from the anonymous even that it hides something.
	if _, err := failure(); !strings.Contains(err.Error(), resolver.ErrUnknownService.Error()) {
		t.Errorf("without a token: %v", err)
	}
	const wrong = "99999999-2222-3333-4444-555555555555"
	_, err = failure(resolver.WithToken(wrong))
	if !strings.Contains(err.Error(), "ACL not found") || strings.Contains(err.Error(), wrong) {
		t.Errorf("with a wrong token: %v", err)
	}
}

func TestResolverReadsRealKeysAndPreparedQueries(t *testing.T) {
	srv := agent(t, nil)
	defer srv.Stop()
	consul := apiClient(t, srv.HTTPAddr, "")
	a := startBackend(t, "a")
	a.register(t, consul)
	const pick = `{"loadBalancingConfig":[{"pick_first":{}}]}`
	if _, err := consul.KV().Put(&api.KVPair{Key: "grpc/greeter", Value: []byte(pick)}, nil); err != nil {
		t.Fatal(err)
	}
	client, rec := through(t, "consul://"+srv.HTTPAddr+"/greeter?config-key=grpc/greeter")
	eventually(t, "an answer", func() bool { return answers(client, 1)["a"] == 1 })
	if _, err := consul.KV().Put(&api.KVPair{Key: "grpc/greeter", Value: []byte(`{"loadBalancingConfig":[{"round_robin":{}}]}`)}, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the changed service config", func() bool {
		n := 0
		for _, e := range rec.Events() {
			if e.Kind == resolver.KindServiceConfig && e.Err == nil {
				n++
			}
		}
		return n > 0
	})

	if _, _, err := consul.PreparedQuery().Create(&api.PreparedQueryDefinition{Name: "near-greeter", Service: api.ServiceQuery{Service: "greeter", OnlyPassing: true}}, nil); err != nil {
		t.Fatal(err)
	}
	client, _ = through(t, "consul://"+srv.HTTPAddr+"/?query=near-greeter&poll=100ms")
	eventually(t, "an answer by prepared query", func() bool { return answers(client, 1)["a"] == 1 })
	b := startBackend(t, "b")
	b.register(t, consul)
	eventually(t, "both by prepared query", func() bool { got := answers(client, 4); return got["a"] == 2 && got["b"] == 2 })
}
