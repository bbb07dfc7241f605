package greeter_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/greeter"
)

// story is what a replica told of itself.
type story struct {
	mu     sync.Mutex
	events []greeter.Event
}

func (s *story) add(e greeter.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *story) kinds() []greeter.EventKind {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kinds []greeter.EventKind
	for _, e := range s.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (s *story) has(k greeter.EventKind) func() bool {
	return func() bool { return slices.Contains(s.kinds(), k) }
}

// eventually fails the test when cond does not become true in a time that only a hang would need.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func TestRegistersAsItIs(t *testing.T) {
	lis := listen(t)
	addr, port := lis.Addr().String(), lis.Addr().(*net.TCPAddr).Port
	check := func(c api.AgentServiceCheck) *api.AgentServiceCheck {
		c.CheckID, c.Status = "service:r1", "passing"
		return &c
	}
	for kind, want := range map[greeter.CheckKind]*api.AgentServiceCheck{
		"":                check(api.AgentServiceCheck{Name: "grpc check", GRPC: addr + "/helloworld.Greeter", Interval: "1s", Timeout: "500ms"}),
		greeter.CheckTCP:  check(api.AgentServiceCheck{Name: "tcp check", TCP: addr, Interval: "1s", Timeout: "500ms"}),
		greeter.CheckTTL:  check(api.AgentServiceCheck{Name: "ttl check", TTL: "3s"}),
		greeter.CheckNone: nil,
	} {
		f, consul := newFakeConsul(t)
		_, stop := run(t, greeter.Config{Listener: lis, Consul: consul, Check: greeter.CheckConfig{Kind: kind}, Tags: []string{"blue"}, Meta: map[string]string{"v": "1"}})
		eventually(t, "registered", func() bool { return f.knows("r1") })
		var got api.AgentServiceRegistration
		f.get(func() { got = *f.entries["r1"] })
		if got.Name != "greeter" || got.Address != "127.0.0.1" || got.Port != port || !slices.Equal(got.Tags, []string{"blue"}) || got.Meta["v"] != "1" {
			t.Errorf("%s: registered as %+v", kind, got)
		}
		if (got.Check == nil) != (want == nil) || want != nil && !sameCheck(*got.Check, *want) {
			t.Errorf("%s: check %+v, want %+v", kind, got.Check, want)
		}
		if err := stop(); err != nil || f.knows("r1") {
			t.Errorf("%s: stopped with %v, still known: %v", kind, err, f.knows("r1"))
		}
		next, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		lis = next
	}
	lis.Close()
}

func sameCheck(a, b api.AgentServiceCheck) bool {
	return a.CheckID == b.CheckID && a.Name == b.Name && a.Status == b.Status && a.GRPC == b.GRPC && a.TCP == b.TCP &&
		a.HTTP == b.HTTP && a.TTL == b.TTL && a.Interval == b.Interval && a.Timeout == b.Timeout
}

func TestWaitsForALeader(t *testing.T) {
	f, consul := newFakeConsul(t)
	f.set(func() { f.leader = "" })
	run(t, greeter.Config{Consul: consul})
	eventually(t, "several questions", func() bool { var n int; f.get(func() { n = f.asked }); return n > 3 })
	f.get(func() {
		if f.puts != 0 {
			t.Error("registered with an agent that knows no leader")
		}
	})
	f.set(func() { f.leader = "127.0.0.1:8300" })
	eventually(t, "registered", func() bool { return f.knows("r1") })
}

func TestForgottenIsRegisteredAgain(t *testing.T) {
	f, consul := newFakeConsul(t)
	var told story
	run(t, greeter.Config{Consul: consul, OnEvent: told.add})
	for range 3 {
		eventually(t, "registered", func() bool { return f.knows("r1") })
		f.set(func() { clear(f.entries) })
	}
	eventually(t, "registered", func() bool { return f.knows("r1") })
	eventually(t, "told", told.has(greeter.EventReregistered))
	if !told.has(greeter.EventForgotten)() {
		t.Errorf("events %v", told.kinds())
	}
}

// TestChangedByAnotherIsLeftAlone: two processes with one ID must not fight.
func TestChangedByAnotherIsLeftAlone(t *testing.T) {
	f, consul := newFakeConsul(t)
	run(t, greeter.Config{Consul: consul})
	eventually(t, "registered", func() bool { return f.knows("r1") })
	asked := func(times int) func() bool {
		return func() bool { var n int; f.get(func() { n = f.asks }); return n >= times }
	}
	eventually(t, "a query that waits", asked(2))
	f.set(func() { f.entries["r1"] = &api.AgentServiceRegistration{ID: "r1", Port: 9} })
	eventually(t, "change seen", asked(3))
	var puts int
	f.get(func() { puts = f.puts })
	if puts != 1 {
		t.Errorf("registered %d times", puts)
	}
}

func TestSurvivesALostConsul(t *testing.T) {
	f, srv := serveFakeConsul(t)
	var up atomic.Bool
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if !up.Load() {
			return nil, errors.New("connection refused")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	consul := client(t, srv.URL, dial, srv.Close)
	var told story
	_, stop := run(t, greeter.Config{Consul: consul, OnEvent: told.add})
	eventually(t, "serving without a consul", told.has(greeter.EventServing))
	lose := func() { up.Store(false); srv.CloseClientConnections() }
	up.Store(true)
	eventually(t, "registered", told.has(greeter.EventRegistered))

	lose()
	eventually(t, "loss told", told.has(greeter.EventConsulLost))
	up.Store(true)
	eventually(t, "return told", told.has(greeter.EventConsulFound))
	lose()
	f.set(func() { clear(f.entries) })
	up.Store(true)
	eventually(t, "registered with a consul that came back empty", told.has(greeter.EventReregistered))
	lose()
	if err := stop(); err != nil {
		t.Errorf("stopping without a consul: %v", err)
	}
}

func TestRefusalIsTold(t *testing.T) {
	f, consul := newFakeConsul(t)
	f.set(func() { f.refusal = "permission denied" })
	var told story
	run(t, greeter.Config{Consul: consul, OnEvent: told.add})
	eventually(t, "refusal told", told.has(greeter.EventForbidden))
	eventually(t, "several tries", func() bool { var n int; f.get(func() { n = f.puts }); return n > 2 })
	var refusals int
	told.mu.Lock()
	for _, e := range told.events {
		if e.Kind == greeter.EventForbidden {
			refusals++
			if !strings.Contains(e.Err.Error(), `it takes a token with service:write on "greeter"`) {
				t.Errorf("the missing permission is not named: %v", e.Err)
			}
		}
	}
	told.mu.Unlock()
	if refusals != 1 {
		t.Errorf("the same refusal was told %d times", refusals)
	}
	f.set(func() { f.refusal = "" })
	eventually(t, "registered", func() bool { return f.knows("r1") })
}

func TestStopOrders(t *testing.T) {
	for order, leaves := range map[greeter.StopOrder]bool{greeter.Graceful: true, greeter.WithoutDeregister: false, greeter.Hard: false} {
		t.Run(order.String(), func(t *testing.T) {
			f, consul := newFakeConsul(t)
			_, stop := run(t, greeter.Config{Consul: consul, StopOrder: order})
			eventually(t, "registered", func() bool { return f.knows("r1") })
			if err := stop(); err != nil {
				t.Error(err)
			}
			if f.knows("r1") == leaves {
				t.Errorf("still known: %v", f.knows("r1"))
			}
		})
	}
}

// TestServesUntilSettled checks the order of a graceful stop: Consul hears first, connections end last.
func TestServesUntilSettled(t *testing.T) {
	f, consul := newFakeConsul(t)
	addr, stop := run(t, greeter.Config{Consul: consul, Settle: 200 * time.Millisecond})
	conn := dial(t, addr)
	eventually(t, "registered", func() bool { return f.knows("r1") })
	done := make(chan error, 1)
	go func() { done <- stop() }()
	eventually(t, "deregistered", func() bool { return !f.knows("r1") })
	if _, _, err := greeter.Call(t.Context(), conn, "late"); err != nil {
		t.Errorf("call between deregistering and GOAWAY: %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBadConfigs(t *testing.T) {
	_, consul := newFakeConsul(t)
	lis := listen(t)
	defer lis.Close()
	good := func() greeter.Config { return greeter.Config{Name: "r1", Listener: lis, Consul: consul} }
	for name, spoil := range map[string]func(*greeter.Config){
		"name":       func(c *greeter.Config) { c.Name = "" },
		"listener":   func(c *greeter.Config) { c.Listener = nil },
		"advertise":  func(c *greeter.Config) { c.Advertise = "nowhere" },
		"port":       func(c *greeter.Config) { c.Advertise = "127.0.0.1:0" },
		"wildcard":   func(c *greeter.Config) { c.Advertise = "[::]:80" },
		"stop order": func(c *greeter.Config) { c.StopOrder = 7 },
		"drain":      func(c *greeter.Config) { c.Drain = -1 },
		"check":      func(c *greeter.Config) { c.Check.Kind = "carrier pigeon" },
		"status":     func(c *greeter.Config) { c.Check.InitialStatus = "fine" },
		"interval":   func(c *greeter.Config) { c.Check.Interval = -1 },
		"threshold":  func(c *greeter.Config) { c.Check.SuccessBeforePassing = -1 },
	} {
		cfg := good()
		spoil(&cfg)
		if _, err := greeter.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := greeter.New(good()); err != nil {
		t.Error(err)
	}
}

func TestStopOrderNames(t *testing.T) {
	for _, o := range []greeter.StopOrder{greeter.Graceful, greeter.WithoutDeregister, greeter.Hard} {
		if got, err := greeter.ParseStopOrder(o.String()); got != o || err != nil {
			t.Errorf("%s parses as %s, %v", o, got, err)
		}
	}
	if _, err := greeter.ParseStopOrder("gently"); err == nil || errors.Unwrap(err) != nil {
		t.Errorf("unknown order: %v", err)
	}
}
