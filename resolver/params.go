package resolver

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// param is one parameter of a target: its name, the other spellings it answers to, and its two directions.
type param struct {
	name    string
	aliases []string
	parse   func(t *Target, values []string) error
	print   func(t *Target) []string
}

// params is every parameter a target may carry, in the order of the documentation.
var params = []param{
	{name: "tag", aliases: []string{"tags"}, parse: listOf(func(t *Target) *[]string { return &t.Tags }), print: func(t *Target) []string { return t.Tags }},
	text("filter", func(t *Target) *string { return &t.Filter }),
	{name: "health", parse: one(parseHealth), print: func(t *Target) []string { return some(string(t.Health)) }},
	{name: "healthy", parse: one(parseHealthy), print: nothing},
	{name: "dc", parse: listOf(func(t *Target) *[]string { return &t.Datacenters }), print: func(t *Target) []string { return t.Datacenters }},
	text("ns", func(t *Target) *string { return &t.Namespace }, "namespace"),
	text("partition", func(t *Target) *string { return &t.Partition }),
	text("peer", func(t *Target) *string { return &t.Peer }),
	text("near", func(t *Target) *string { return &t.Near }),
	number("limit", func(t *Target) *int { return &t.Limit }, parseCount),
	consistency("stale", ConsistencyStale, "allow-stale"),
	consistency("consistent", ConsistencyConsistent, "require-consistent"),
	duration("max-stale", func(t *Target) *time.Duration { return &t.MaxStale }, "max_stale"),
	flag("cached", func(t *Target) *bool { return &t.Cached }),
	duration("wait", func(t *Target) *time.Duration { return &t.Wait }),
	duration("timeout", func(t *Target) *time.Duration { return &t.Timeout }),
	duration("max-backoff", func(t *Target) *time.Duration { return &t.MaxBackoff }),
	duration("poll", func(t *Target) *time.Duration { return &t.PollInterval }, "poll-interval"),
	{name: "linger", parse: one(parseLinger), print: printLinger},
	text("token", func(t *Target) *string { return &t.Token }),
	{name: "address", parse: listOf(func(t *Target) *[]string { return &t.AddressChoice }), print: func(t *Target) []string { return t.AddressChoice }},
	text("port", func(t *Target) *string { return &t.Port }),
	{name: "empty", parse: one(parseEmpty), print: printEmpty},
	number("min-passing", func(t *Target) *int { return &t.MinPassing }, parsePercent),
	text("query", func(t *Target) *string { return &t.Query }),
	text("config-key", func(t *Target) *string { return &t.ConfigKey }),
	{name: "scheme", parse: one(parseScheme), print: printScheme},
	flag("insecure", func(t *Target) *bool { return &t.SkipVerify }),
	{name: "agent", parse: parseAgents, print: printAgents},
}

var paramByName = byName()

func byName() map[string]param {
	m := map[string]param{}
	for _, p := range params {
		for _, name := range append(p.aliases, p.name) {
			m[name] = p
		}
	}
	return m
}

func nothing(*Target) []string { return nil }

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// one refuses a parameter given twice.
func one(parse func(*Target, string) error) func(*Target, []string) error {
	return func(t *Target, values []string) error {
		if len(values) != 1 {
			return fmt.Errorf("is given %d times", len(values))
		}
		return parse(t, values[0])
	}
}

func listOf(field func(*Target) *[]string) func(*Target, []string) error {
	return func(t *Target, values []string) error {
		*field(t) = list(strings.Join(values, ","))
		return nil
	}
}

func text(name string, field func(*Target) *string, aliases ...string) param {
	return param{name: name, aliases: aliases,
		parse: one(func(t *Target, v string) error { *field(t) = v; return nil }),
		print: func(t *Target) []string { return some(*field(t)) }}
}

func flag(name string, field func(*Target) *bool, aliases ...string) param {
	return param{name: name, aliases: aliases,
		parse: one(func(t *Target, v string) (err error) { *field(t), err = parseBool(v); return err }),
		print: func(t *Target) []string {
			if *field(t) {
				return []string{"true"}
			}
			return nil
		}}
}

func duration(name string, field func(*Target) *time.Duration, aliases ...string) param {
	return param{name: name, aliases: aliases,
		parse: one(func(t *Target, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d <= 0 {
				return fmt.Errorf("is %q, want a positive duration such as 30s", v)
			}
			*field(t) = d
			return nil
		}),
		print: func(t *Target) []string {
			if *field(t) == 0 {
				return nil
			}
			return []string{field(t).String()}
		}}
}

func number(name string, field func(*Target) *int, parse func(string) (int, error)) param {
	return param{name: name,
		parse: one(func(t *Target, v string) (err error) { *field(t), err = parse(v); return err }),
		print: func(t *Target) []string {
			if *field(t) == 0 {
				return nil
			}
			return []string{strconv.Itoa(*field(t))}
		}}
}

func consistency(name string, mode Consistency, aliases ...string) param {
	return param{name: name, aliases: aliases,
		parse: one(func(t *Target, v string) error {
			on, err := parseBool(v)
			switch {
			case err != nil:
				return err
			case on:
				t.Consistency = mode
			case t.Consistency == mode:
				t.Consistency = ConsistencyDefault
			}
			return nil
		}),
		print: func(t *Target) []string {
			if t.Consistency == mode {
				return []string{"true"}
			}
			return nil
		}}
}
