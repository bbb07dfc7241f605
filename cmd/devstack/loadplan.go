package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/load"
)

const (
	rateMax         = "max"
	defaultWorkers  = 10
	maxConnections  = 1000
	maxPayload      = 3 << 20 // leaves room under the 4 MiB that grpc takes for a message
	loadHint        = "devstack load --help"
	maxLoadInFlight = 100_000
)

// loadPlan is what the flags of load ask for.
type loadPlan struct {
	target, policy, format string
	method, data, out      string
	payload, connections   int
	allowRemote, norecord  bool

	pace   pace
	config load.Config
	seed   uint64
	args   []string // what to type to do it again, without secrets
}

func newLoadPlan(c *cli.Context) (*loadPlan, error) {
	if c.Args().Present() {
		return nil, usage(loadHint, "load takes no argument, but got %q", c.Args().First())
	}
	p := &loadPlan{
		target: c.String("target"), policy: c.String("policy"), format: c.String("format"),
		method: c.String("method"), data: c.String("data"), payload: c.Int("payload"),
		connections: c.Int("connections"), allowRemote: c.Bool("allow-remote"), out: c.String("out"), norecord: c.Bool("no-record"), seed: c.Uint64("seed"), args: loadArgs(c),
	}
	for _, check := range []func(*cli.Context) error{p.checkWords, p.checkNumbers, p.checkRequest, p.bounds, p.workers, p.checkTarget} {
		if err := check(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *loadPlan) checkWords(*cli.Context) error {
	if err := oneOf("format", p.format, []string{formatPretty, formatJSON, formatNDJSON, formatHDR}); err != nil {
		return err
	}
	if _, err := load.ServiceConfig(p.policy); err != nil {
		return usage(loadHint, "--policy: %w", err)
	}
	return nil
}

func (p *loadPlan) checkNumbers(c *cli.Context) error {
	for _, n := range []struct {
		flag     string
		min, max int
	}{{"connections", 1, maxConnections}, {"payload", 0, maxPayload}, {"concurrency", 1, maxLoadInFlight}} {
		if v := c.Int(n.flag); c.IsSet(n.flag) && (v < n.min || v > n.max) {
			return usage(loadHint, "--%s: %d is not in %d to %d", n.flag, v, n.min, n.max)
		}
	}
	if c.Duration("deadline") <= 0 {
		return usage(loadHint, "--deadline: %s is not a time to wait", c.Duration("deadline"))
	}
	if c.Duration("duration") < 0 {
		return usage(loadHint, "--duration: %s is negative", c.Duration("duration"))
	}
	return nil
}

// checkRequest finds what is to be sent, before anything is dialled.
func (p *loadPlan) checkRequest(c *cli.Context) error {
	switch {
	case p.method == "" && p.data != "":
		return usage("devstack load --method pkg.Service/Method --data '{}'", "--data needs --method")
	case p.method != "" && c.IsSet("payload"):
		return usage("put the bytes into --data", "--payload is for greetings, not for --method")
	case p.method != "" && strings.Count(strings.TrimPrefix(p.method, "/"), "/") != 1:
		return usage("devstack load --method helloworld.Greeter/SayHello", "--method: %q is not pkg.Service/Method", p.method)
	}
	p.method = strings.TrimPrefix(p.method, "/")
	if path, ok := strings.CutPrefix(p.data, "@"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			return usage(loadHint, "--data: %w", err)
		}
		p.data = string(b)
	}
	return nil
}

// bounds says when it ends: --count alone lifts the default duration, and so does a
// schedule that ends by itself.
func (p *loadPlan) bounds(c *cli.Context) error {
	p.config = load.Config{Deadline: c.Duration("deadline"), Count: c.Uint64("count"), Duration: c.Duration("duration")}
	if p.config.Count > 0 && !c.IsSet("duration") && c.String("ramp") == "" {
		p.config.Duration = 0
	}
	var err error
	if p.pace, err = paceFrom(c, p.config.Duration); err != nil {
		return err
	}
	if p.pace.ends && !c.IsSet("duration") {
		p.config.Duration = 0
	}
	return nil
}

// workers is how many calls may be in flight.
func (p *loadPlan) workers(c *cli.Context) error {
	n := c.Int("concurrency")
	if p.pace.open() {
		p.config.Pacer, p.config.MaxInFlight = p.pace.make(), cmp.Or(n, load.DefaultMaxInFlight)
	} else {
		p.config.Workers = cmp.Or(n, defaultWorkers)
	}
	return nil
}

func (p *loadPlan) String() string {
	if !p.pace.open() {
		return fmt.Sprintf("%s, closed loop, %d workers", shownTarget(p.target), p.config.Workers)
	}
	return fmt.Sprintf("%s, open loop, %s", shownTarget(p.target), p.pace.words)
}

// loadArgs is the command line that c was made from, its target without secrets.
func loadArgs(c *cli.Context) []string {
	args := []string{"devstack", "load"}
	for _, name := range slices.Sorted(slices.Values(c.LocalFlagNames())) {
		value := fmt.Sprint(c.Value(name))
		if name == "target" {
			value = shownTarget(value)
		}
		args = append(args, "--"+name+"="+value)
	}
	return args
}

// settings are all that decided how the load went, given or not.
func (p *loadPlan) settings() map[string]string {
	c := p.config
	set := map[string]string{
		"target": shownTarget(p.target), "pace": p.pace.words, "policy": p.policy, "connections": fmt.Sprint(p.connections),
		"deadline": c.Deadline.String(), "concurrency": fmt.Sprint(cmp.Or(c.Workers, c.MaxInFlight)),
	}
	if c.Duration > 0 {
		set["duration"] = c.Duration.String()
	}
	if c.Count > 0 {
		set["count"] = fmt.Sprint(c.Count)
	}
	if p.method == "" {
		set["payload"] = fmt.Sprintf("%d B", p.payload)
		return set
	}
	set["method"] = p.method
	return set
}
