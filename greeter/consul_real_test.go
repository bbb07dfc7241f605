package greeter_test

import (
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/consul/sdk/testutil"

	"devstack/greeter"
	"devstack/greeter/control"
)

// realConsul starts an agent, on ports it had before when there are any. Where no program named consul is
// found it skips: the fake covers the logic, and this package must not link an agent only to test itself.
func realConsul(t *testing.T, ports *testutil.TestPortConfig) *testutil.TestServer {
	t.Helper()
	if _, err := exec.LookPath("consul"); err != nil {
		t.Skip("no consul on PATH")
	}
	srv, err := testutil.NewTestServerConfigT(t, func(c *testutil.TestServerConfig) {
		c.Stdout, c.Stderr = io.Discard, io.Discard
		if ports != nil {
			c.Ports = ports
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return srv
}

func checkStatus(t *testing.T, consul *api.Client, id string) string {
	checks, err := consul.Agent().Checks()
	if err != nil || checks["service:"+id] == nil {
		return ""
	}
	return checks["service:"+id].Status
}

func TestRealConsulForgets(t *testing.T) {
	srv := realConsul(t, nil)
	stopped := false
	defer func() {
		if !stopped {
			srv.Stop()
		}
	}()
	consul := client(t, srv.HTTPAddr, nil, func() {})
	var told story
	_, _, stop := ready(t, greeter.Config{Consul: consul, OnEvent: told.add})
	passing := func() bool { return checkStatus(t, consul, "r1") == api.HealthPassing }
	eventually(t, "passing", passing)

	forgotten := time.Now()
	if err := consul.Agent().ServiceDeregister("r1"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "registered again after a deregistration by hand", told.has(greeter.EventReregistered))
	t.Logf("registered again after %s", time.Since(forgotten))
	eventually(t, "passing again", passing)

	ports := srv.Config.Ports
	srv.Stop()
	stopped = true
	eventually(t, "loss told", told.has(greeter.EventConsulLost))
	again := realConsul(t, ports)
	defer again.Stop()
	eventually(t, "passing at an agent that never knew it", passing)
	if err := stop(); err != nil || checkStatus(t, consul, "r1") != "" {
		t.Errorf("stop: %v, check %q", err, checkStatus(t, consul, "r1"))
	}
}

func TestRealConsulSeesEveryCheck(t *testing.T) {
	srv := realConsul(t, nil)
	defer srv.Stop()
	consul := client(t, srv.HTTPAddr, nil, func() {})
	for _, kind := range greeter.CheckKinds() {
		if kind == greeter.CheckNone {
			continue
		}
		name := string(kind)
		_, ctl, _ := ready(t, greeter.Config{Name: name, Consul: consul, Check: greeter.CheckConfig{Kind: kind, InitialStatus: api.HealthCritical}})
		eventually(t, name+" passing", func() bool { return checkStatus(t, consul, name) == api.HealthPassing })
		behave(t, ctl, &control.Behaviour{Health: control.Health_NOT_SERVING})
		if kind == greeter.CheckGRPC || kind == greeter.CheckHTTP {
			eventually(t, name+" critical", func() bool { return checkStatus(t, consul, name) == api.HealthCritical })
		}
	}
}
