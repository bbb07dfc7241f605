package resolver

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hashicorp/consul/api"
	"google.golang.org/grpc/experimental/balancer/weight"
	grpcresolver "google.golang.org/grpc/resolver"
)

// entry is a passing instance; edit changes it.
func entry(id, addr string, port int, edit ...func(*api.ServiceEntry)) *api.ServiceEntry {
	e := &api.ServiceEntry{
		Node:    &api.Node{Node: "n-" + id, Address: "10.9.9.9", Datacenter: "dc1"},
		Service: &api.AgentService{ID: id, Service: "web", Address: addr, Port: port, Weights: api.AgentWeights{Passing: 1, Warning: 1}},
		Checks:  api.HealthChecks{{CheckID: "c-" + id, Status: api.HealthPassing}},
	}
	for _, f := range edit {
		f(e)
	}
	return e
}

func status(s string) func(*api.ServiceEntry) {
	return func(e *api.ServiceEntry) { e.Checks[0].Status = s }
}

func maintenance(e *api.ServiceEntry) {
	e.Checks[0].CheckID = api.NodeMaint
	e.Checks[0].Status = api.HealthCritical
}

func addrs(in []Instance) []string {
	var out []string
	for _, i := range in {
		out = append(out, i.Addr)
	}
	slices.Sort(out)
	return out
}

func TestAddressOfAnEntry(t *testing.T) {
	tagged := func(e *api.ServiceEntry) {
		e.Service.TaggedAddresses = map[string]api.ServiceAddress{"wan": {Address: "1.2.3.4", Port: 443}, "virtual": {Address: "240.0.0.1"}}
		e.Node.TaggedAddresses = map[string]string{"lan": "10.1.1.1"}
	}
	dual := func(e *api.ServiceEntry) {
		e.Service.TaggedAddresses = map[string]api.ServiceAddress{"lan_ipv6": {Address: "fd00::1", Port: 80}, "lan_ipv4": {Address: "10.0.0.1", Port: 80}}
	}
	ports := func(e *api.ServiceEntry) {
		e.Service.Port = 0
		e.Service.Ports = api.ServicePorts{{Name: "http", Port: 80, Default: true}, {Name: "admin", Port: 81}}
	}
	for name, c := range map[string]struct {
		shape shape
		entry *api.ServiceEntry
		want  []string
	}{
		"service address":     {shape{}, entry("a", "10.0.0.1", 80), []string{"10.0.0.1:80"}},
		"ipv6":                {shape{}, entry("a", "fd00::1", 80), []string{"[fd00::1]:80"}},
		"ipv6 in brackets":    {shape{}, entry("a", "[fd00::1]", 80), []string{"[fd00::1]:80"}},
		"node fallback":       {shape{}, entry("a", "", 80), []string{"10.9.9.9:80"}},
		"no port":             {shape{}, entry("a", "10.0.0.1", 0), nil},
		"no address":          {shape{}, entry("a", "", 80, func(e *api.ServiceEntry) { e.Node.Address = "" }), nil},
		"no node":             {shape{}, entry("a", "", 80, func(e *api.ServiceEntry) { e.Node = nil }), nil},
		"no service":          {shape{}, &api.ServiceEntry{}, nil},
		"tagged":              {shape{addresses: []string{"wan"}}, entry("a", "10.0.0.1", 80, tagged), []string{"1.2.3.4:443"}},
		"tagged without port": {shape{addresses: []string{"virtual"}}, entry("a", "10.0.0.1", 80, tagged), []string{"240.0.0.1:80"}},
		"tagged node":         {shape{addresses: []string{"none", "lan"}}, entry("a", "10.0.0.1", 80, tagged), []string{"10.1.1.1:80"}},
		"node by choice":      {shape{addresses: []string{"node"}}, entry("a", "10.0.0.1", 80), []string{"10.9.9.9:80"}},
		"choice not there":    {shape{addresses: []string{"wan"}}, entry("a", "10.0.0.1", 80), []string{"10.0.0.1:80"}},
		"dual stack":          {shape{}, entry("a", "10.0.0.1", 80, dual), []string{"10.0.0.1:80", "[fd00::1]:80"}},
		"socket":              {shape{}, entry("a", "", 0, func(e *api.ServiceEntry) { e.Service.SocketPath = "/s" }), []string{"unix:/s"}},
		"default port":        {shape{}, entry("a", "10.0.0.1", 0, ports), []string{"10.0.0.1:80"}},
		"named port":          {shape{port: "admin"}, entry("a", "10.0.0.1", 0, ports), []string{"10.0.0.1:81"}},
		"named port missing":  {shape{port: "none"}, entry("a", "10.0.0.1", 80, ports), nil},
	} {
		i, _ := c.shape.instance(c.entry)
		if !slices.Equal(i.Addrs, c.want) {
			t.Errorf("%s: addresses %v, want %v", name, i.Addrs, c.want)
		}
	}
}

func TestHealthModes(t *testing.T) {
	all := []*api.ServiceEntry{entry("p", "p", 1), entry("w", "w", 1, status("warning")), entry("c", "c", 1, status("critical")), entry("m", "m", 1, maintenance)}
	for _, c := range []struct {
		params  string
		entries []*api.ServiceEntry
		want    []string
	}{
		{"", all, []string{"p:1"}},
		{"health=warning", all, []string{"p:1", "w:1"}},
		{"health=any", all, []string{"c:1", "m:1", "p:1", "w:1"}},
		{"health=fallback", all, []string{"p:1"}},
		{"health=fallback", all[1:], []string{"c:1", "w:1"}},
		{"health=fallback", all[3:], nil},
		{"min-passing=33", all, []string{"p:1"}},
		{"min-passing=34", all, []string{"c:1", "p:1", "w:1"}},
		{"min-passing=50&health=warning", all, []string{"p:1", "w:1"}},
	} {
		target, err := ParseTarget("consul:web?" + c.params)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := shapeOf(target, 1).instances(c.entries)
		if !slices.Equal(addrs(got), c.want) {
			t.Errorf("%q: %v, want %v", c.params, addrs(got), c.want)
		}
	}
}

func TestDuplicatesKeepTheHealthiestThenTheHeaviest(t *testing.T) {
	heavy := func(e *api.ServiceEntry) { e.Service.Weights.Passing = 9 }
	got, skipped := shapeOf(Target{Params: Params{Health: HealthAny}}, 1).instances([]*api.ServiceEntry{
		entry("old", "10.0.0.1", 80, status("critical")), entry("light", "10.0.0.1", 80), entry("heavy", "10.0.0.1", 80, heavy), entry("bad", "", 0)})
	if len(got) != 1 || got[0].ID != "heavy" || got[0].Weight != 9 || skipped != 1 {
		t.Errorf("kept %+v, skipped %d", got, skipped)
	}
}

func TestWeights(t *testing.T) {
	w := func(p, w int) func(*api.ServiceEntry) {
		return func(e *api.ServiceEntry) { e.Service.Weights = api.AgentWeights{Passing: p, Warning: w} }
	}
	got, skipped := shapeOf(Target{Params: Params{Health: HealthWarning}}, 1).instances([]*api.ServiceEntry{
		entry("five", "a", 1, w(5, 2)), entry("two", "b", 1, w(5, 2), status("warning")), entry("none", "c", 1, w(0, 0)), entry("drop", "d", 1, w(5, 0), status("warning"))})
	weights := map[string]uint32{}
	for _, ep := range state(got).Endpoints {
		i, ok := InstanceFromEndpoint(ep)
		if !ok {
			t.Fatal("an endpoint has no instance")
		}
		weights[i.ID] = weight.FromEndpoint(ep).Weight
	}
	if fmt.Sprint(weights) != "map[five:5 none:1 two:2]" || skipped != 1 {
		t.Errorf("weights %v, skipped %d", weights, skipped)
	}
}

func TestOrderDiffersByProcessAndSubsetsAreStable(t *testing.T) {
	var entries []*api.ServiceEntry
	for n := range 20 {
		entries = append(entries, entry(fmt.Sprint(n), fmt.Sprintf("10.0.0.%d", n), 80))
	}
	firsts := map[string]int{}
	for seed := range uint64(400) {
		s := shape{health: HealthPassing, limit: 3, seed: seed}
		whole, _ := s.instances(entries)
		if len(whole) != 3 {
			t.Fatalf("limit gave %d", len(whole))
		}
		firsts[whole[0].Addr]++
		mixed := slices.Clone(entries)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		again, _ := s.instances(mixed)
		without := slices.DeleteFunc(mixed, func(e *api.ServiceEntry) bool { return e.Service.Address+":80" == whole[1].Addr })
		less, _ := s.instances(without)
		if !slices.EqualFunc(whole, again, func(a, b Instance) bool { return a.Equal(b) }) {
			t.Fatal("the server's order shows")
		}
		if _, removed, _ := diff(whole, less); len(removed) != 1 {
			t.Fatalf("one instance left and the subset lost %d", len(removed))
		}
	}
	for addr, n := range firsts {
		if n > 60 { // 20 expected
			t.Errorf("%s is first in %d of 400 processes", addr, n)
		}
	}
	if len(firsts) != 20 {
		t.Errorf("only %d of 20 instances are ever first", len(firsts))
	}
	near, _ := shape{health: HealthPassing, nearest: true}.instances(entries)
	if near[0].Addr != "10.0.0.0:80" || near[19].Addr != "10.0.0.19:80" {
		t.Error("near must keep the server's order")
	}
}

func TestStateIsBareAndHasBothForms(t *testing.T) {
	got, _ := shapeOf(Target{}, 1).instances([]*api.ServiceEntry{entry("a", "10.0.0.1", 80, func(e *api.ServiceEntry) { e.Service.Tags = []string{"z", "a"} })})
	s := state(got)
	if len(s.Endpoints) != 1 || len(s.Addresses) != 1 {
		t.Fatalf("state %+v", s)
	}
	if a := s.Endpoints[0].Addresses[0]; a != (grpcresolver.Address{Addr: "10.0.0.1:80"}) {
		t.Errorf("address carries more than itself: %+v", a)
	}
	//lint:ignore SA1019 see state
	if a := s.Addresses[0]; a.Attributes != nil || a.ServerName != "" || a.BalancerAttributes == nil {
		t.Errorf("flat address %+v", a)
	}
	again, _ := shapeOf(Target{}, 1).instances([]*api.ServiceEntry{entry("a", "10.0.0.1", 80, func(e *api.ServiceEntry) { e.Service.Tags = []string{"a", "z"} })})
	if !s.Endpoints[0].Attributes.Equal(state(again).Endpoints[0].Attributes) {
		t.Error("the order of tags shows")
	}
}
