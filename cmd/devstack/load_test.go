package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/load"
)

// planOf parses the flags of a load without running it.
func planOf(t *testing.T, args ...string) (*loadPlan, error) {
	t.Helper()
	var plan *loadPlan
	cmd := loadCommand(streams{})
	cmd.Action = func(c *cli.Context) (err error) { plan, err = newLoadPlan(c); return err }
	cmd.OnUsageError = usageError
	app := &cli.App{Commands: []*cli.Command{cmd}, ExitErrHandler: func(*cli.Context, error) {}}
	err := app.RunContext(t.Context(), append([]string{"devstack", "load", "--target", "127.0.0.1:1"}, args...))
	return plan, err
}

func TestPlansPace(t *testing.T) {
	for _, tc := range []struct {
		args     string
		workers  int
		inFlight int
		duration time.Duration
		due      []time.Duration // of the first calls
	}{
		{"", 0, load.DefaultMaxInFlight, 10 * time.Second, []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond}},
		{"--rate 2 --concurrency 3", 0, 3, 10 * time.Second, []time.Duration{0, 500 * time.Millisecond, time.Second}},
		{"--rate max", defaultWorkers, 0, 10 * time.Second, nil},
		{"--rate max --concurrency 7 --count 5", 7, 0, 0, nil},
		{"--count 5 --duration 2s", 0, load.DefaultMaxInFlight, 2 * time.Second, []time.Duration{0}},
		{"--ramp 10:10 --duration 4s", 0, load.DefaultMaxInFlight, 4 * time.Second, []time.Duration{0, 100 * time.Millisecond}},
		{"--steps 1:2s,10:1s", 0, load.DefaultMaxInFlight, 0, []time.Duration{0, time.Second, 2 * time.Second, 2100 * time.Millisecond}},
		{"--steps 1:2s --duration 1s", 0, load.DefaultMaxInFlight, time.Second, []time.Duration{0}},
	} {
		p, err := planOf(t, strings.Fields(tc.args)...)
		if err != nil {
			t.Errorf("%s: %v", tc.args, err)
			continue
		}
		if c := p.config; c.Workers != tc.workers || c.MaxInFlight != tc.inFlight || c.Duration != tc.duration {
			t.Errorf("%s: %d workers, %d in flight, for %s", tc.args, c.Workers, c.MaxInFlight, c.Duration)
		}
		for n, want := range tc.due {
			if got, ok := p.config.Pacer.When(uint64(n)); !ok || got != want {
				t.Errorf("%s: call %d due at %s, %t, want %s", tc.args, n, got, ok, want)
			}
		}
	}
}

func TestPlansRefusals(t *testing.T) {
	for args, want := range map[string]string{
		"--rate 0":                     `--rate: "0"`,
		"--rate NaN":                   `--rate: "NaN"`,
		"--rate 1e9":                   `--rate: "1e9"`,
		"--rate 5 --ramp 1:2":          "--rate and --ramp",
		"--ramp 1:2 --steps 1:1s":      "--ramp and --steps",
		"--ramp 5":                     "FROM:TO",
		"--ramp 0:0":                   "no load",
		"--ramp -1:2":                  `--ramp: "-1"`,
		"--ramp 1:2 --duration 0":      "needs --duration",
		"--steps 5":                    "RATE:DURATION",
		"--steps 5:0s":                 "above 0",
		"--steps 5:1s,x:1s":            `"x" is not a rate`,
		"--rate max --poisson":         "steady",
		"--ramp 1:2 --poisson":         "steady",
		"--duration -1s":               "negative",
		"--deadline 0":                 "not a time to wait",
		"--connections 0":              "--connections: 0",
		"--concurrency 0":              "--concurrency: 0",
		"--payload -1":                 "--payload: -1",
		"--format xml":                 `unknown "xml"`,
		"--policy none":                "--policy",
		"--data {}":                    "needs --method",
		"--method a":                   "pkg.Service/Method",
		"--method a/b --payload 3":     "--payload",
		"--method a/b --data @missing": "--data",
		"--target nothing":             "neither consul:// nor host:port",
		"--target consul://127.0.0.1":  "--target",
		"--target 192.0.2.1:80":        "192.0.2.1 is not this machine",
		"extra":                        "no argument",
	} {
		_, err := planOf(t, strings.Fields(args)...)
		var said *exit
		if !errors.As(err, &said) || said.status != exitUsage || !strings.Contains(said.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

func TestOffered(t *testing.T) {
	p, err := planOf(t, "--ramp", "0:100", "--duration", "2s")
	if err != nil {
		t.Fatal(err)
	}
	if rate, span := p.pace.offered(101); rate < 49.9 || rate > 50.1 || span != 2*time.Second {
		t.Errorf("%v calls per second over %s, want 50 over 2s", rate, span)
	}
	poisson, err := planOf(t, "--rate", "100", "--poisson")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := poisson.config.Pacer.When(999)
	again, _ := poisson.pace.make().When(999)
	if want != again {
		t.Errorf("call 999 due at %s and at %s: the same flags made two schedules", want, again)
	}
}

// names is a DNS for tests.
func names(_ context.Context, host string) ([]string, error) {
	switch host {
	case "localhost", "here.test":
		return []string{"127.0.0.1", "::1"}, nil
	case "both.test":
		return []string{"127.0.0.1", "192.0.2.1"}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func TestRemoteHosts(t *testing.T) {
	t.Setenv("CONSUL_HTTP_ADDR", "")
	for target, want := range map[string]string{
		"127.0.0.1:80":                    "",
		"127.8.9.1:80":                    "",
		"[::1]:80":                        "",
		"[::ffff:127.0.0.1]:80":           "",
		"localhost:80":                    "",
		"here.test:80":                    "",
		"dns:///here.test:80":             "",
		"unix:/tmp/x.sock":                "",
		"consul:///greeter":               "",
		"consul://127.0.0.1:8500/greeter": "",
		"both.test:80":                    "both.test",
		"unix.test:80":                    "unix.test",
		"unknown.test:80":                 "unknown.test",
		"0.0.0.0:80":                      "0.0.0.0",
		"192.0.2.1:80":                    "192.0.2.1",
		"dns:///192.0.2.1:80":             "192.0.2.1",
		"passthrough:///192.0.2.1:80":     "192.0.2.1",
		"ipv4:127.0.0.1:80,192.0.2.1:80":  "192.0.2.1",
		"[2001:db8::1]:80":                "2001:db8::1",
		"consul://192.0.2.1:8500/greeter": "192.0.2.1",
		"consul://127.0.0.1:8500,192.0.2.1:8500/greeter": "192.0.2.1",
		"other://192.0.2.1/x":                            "192.0.2.1",
	} {
		if got := strings.Join(remoteHosts(t.Context(), target, names), " "); got != want {
			t.Errorf("%s: remote hosts %q, want %q", target, got, want)
		}
	}
	t.Setenv("CONSUL_HTTP_ADDR", "http://192.0.2.7:8500")
	if got := remoteHosts(t.Context(), "consul:///greeter", names); len(got) != 1 || got[0] != "192.0.2.7" {
		t.Errorf("with CONSUL_HTTP_ADDR: remote hosts %q", got)
	}
}

// TestTheSocketIsLookedAt: whatever a name leads to, the address about to be connected decides.
func TestTheSocketIsLookedAt(t *testing.T) {
	var refused []string
	look := onlyLoopback(func(addr string) { refused = append(refused, addr) })
	for addr, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "192.0.2.1:80": false, "[fe80::1]:80": false} {
		refused = nil
		if err := look("tcp", addr, nil); (err == nil) != ok || (len(refused) == 0) != ok {
			t.Errorf("%s: %v, refused %q", addr, err, refused)
		}
	}
}

func TestSecretsStayOut(t *testing.T) {
	p, err := planOf(t, "--target", "consul://me:hush@127.0.0.1:8500/greeter?token=hush")
	if err != nil {
		t.Fatal(err)
	}
	if said := p.String() + strings.Join(p.args, " "); strings.Contains(said, "hush") {
		t.Errorf("a secret in %q", said)
	}
}
