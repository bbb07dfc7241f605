package resolver

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseTargetFindsServiceAndAgents(t *testing.T) {
	for in, want := range map[string]Target{
		"consul:///web":                              {Service: "web"},
		"consul:web":                                 {Service: "web"},
		"consul:/web":                                {Service: "web"},
		"consul:///web/":                             {Service: "web"},
		"consul:////web":                             {Service: "web"},
		"consul://h:8500//web//":                     {Service: "web", Agents: []string{"h:8500"}},
		"consul:///a%3Fb":                            {Service: "a?b"},
		"consul:a%3Fb":                               {Service: "a?b"},
		"consul:///a/b":                              {Service: "a/b"},
		"consul://h1:8500,h2:8500/web":               {Service: "web", Agents: []string{"h1:8500", "h2:8500"}},
		"consul://[::1]:8500/web":                    {Service: "web", Agents: []string{"[::1]:8500"}},
		"consul://ann:s3@h:8500/web":                 {Service: "web", Agents: []string{"h:8500"}, Username: "ann", Password: "s3"},
		"consul:///web?agent=unix:///run/c.sock":     {Service: "web", Agents: []string{"unix:///run/c.sock"}},
		"consul:///?query=geo":                       {Params: Params{Query: "geo"}},
		"consul:web?tag=a&tag=b":                     {Service: "web", Params: Params{Tags: []string{"a", "b"}}},
		"consul:web?health=warning&limit=3":          {Service: "web", Params: Params{Health: HealthWarning, Limit: 3}},
		"consul:web?dc=a,b&near=_agent":              {Service: "web", Params: Params{Datacenters: []string{"a", "b"}, Near: "_agent"}},
		"consul:web?empty=hold%3D5s&min-passing=30%": {},
		"consul:web?empty=hold=5s&min-passing=30%25": {Service: "web", Params: Params{Empty: EmptyHold, Hold: 5 * time.Second, MinPassing: 30}},
		"consul:web?linger=0":                        {Service: "web", Params: Params{Linger: NoLinger}},
	} {
		got, err := ParseTarget(in)
		if want.Service == "" && want.Query == "" {
			if err == nil {
				t.Errorf("%s: accepted", in)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", in, err)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", in, got, want)
		}
	}
}

func TestPeersSpellingsMeanTheSame(t *testing.T) {
	for theirs, ours := range map[string]string{
		"healthy=true":                "health=passing",
		"healthy=false":               "health=any",
		"health=healthy":              "health=passing",
		"health=fallbackToUnhealthy":  "health=fallback",
		"tags=a,b":                    "tag=a&tag=b",
		"allow-stale=true":            "stale=true",
		"require-consistent=true":     "consistent",
		"namespace=n":                 "ns=n",
		"poll-interval=3s":            "poll=3s",
		"scheme=http":                 "",
		"scheme=https&insecure=true":  "insecure=1&scheme=https",
		"wait=14s&timeout=2s&limit=2": "limit=2&timeout=2s&wait=14s",
		"max-backoff=1s&token=x&dc=d": "dc=d&token=x&max-backoff=1s",
		"tag=a&near=_agent":           "near=_agent&tag=a",
	} {
		a, errA := ParseTarget("consul:///web?" + theirs)
		b, errB := ParseTarget("consul:///web?" + ours)
		if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%s → %+v (%v)\n%s → %+v (%v)", theirs, a, errA, ours, b, errB)
		}
	}
}

func TestBadTargetNamesTheCulpritAndNoSecret(t *testing.T) {
	for in, want := range map[string]string{
		"consul:///web?helth=passing&token=hunter2":  `parameter "helth" is unknown; did you mean "health"?`,
		"consul:///web?wiat=3s":                      `did you mean "wait"?`,
		"consul:///web?zzzzzzzz=1":                   `parameter "zzzzzzzz" is unknown`,
		"consul:///web?wait=3":                       `parameter "wait" is "3", want a positive duration`,
		"consul:///web?limit=few":                    `parameter "limit" is "few"`,
		"consul:///web?stale=perhaps":                `parameter "stale" is "perhaps"`,
		"consul:///web?wait=1s&wait=2s":              `parameter "wait" is given 2 times`,
		"consul:///?token=hunter2":                   "names no service",
		"consul://":                                  "names no service",
		"consul:///web?query=x":                      "names a service and a prepared query",
		"consul://u:hunter2@h/web?health=ok":         `want passing, warning, any or fallback`,
		"consul://u:hunter2@h%zz/web":                "is not a URL",
		"http://u:hunter2@h/web":                     "is not consul",
		"consul:///web?agent=ftp://hunter2":          `parameter "agent" is not host:port`,
		"consul://h/web?agent=h2":                    `although the target names an agent`,
		"consul:///web?empty=never":                  "want clear, keep or hold=30s",
		"consul:///web?empty=keep=3s":                "want clear, keep or hold=30s",
		"consul:///?query=x&tag=y":                   "prepared query",
		"consul:///web?min-passing=300":              "want a percentage",
		"consul:///web?token=hunter2&token=hunter22": `parameter "token" is given 2 times`,
		"consul:ann:hunter2@h:8500/web":              "has a user, which comes after //",
		"consul://web":                               "what follows // is the agent",
		"consul:///web?tag=a&tags=b":                 `parameter "tags" says again what "tag" has said`,
		"consul:///web?ns=a&namespace=b":             `parameter "ns" says again what "namespace" has said`,
		"consul:///web?health=any&healthy=true":      `parameter "healthy" says again what "health" has said`,
		"consul:///web?stale&consistent":             `parameter "stale" says again what "consistent" has said`,
		"consul:///web?tokn=hunter2":                 `did you mean "token"?`,
		"consul:///web?peer=a&query=x":               "names a service and a prepared query",
		"consul:///?query=x&dc=a,b":                  "has a list of datacenters for a prepared query",
		"consul:///web?linger=-1s":                   `parameter "linger" is "-1s"`,
		"consul:///web?scheme=ftp":                   "want http or https",
		"consul:a%zz":                                "bad escape",
		"consul:///web?tag=%zz":                      "bad escape",
	} {
		_, err := ParseTarget(in)
		var te *TargetError
		if !errors.As(err, &te) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", in, err, want)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: secret in %v", in, err)
		}
	}
}

func TestRedactedHasNoSecret(t *testing.T) {
	target, err := ParseTarget("consul://ann:hunter2@h:8500/web?token=hunter2&tag=a")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := target.Redacted(), "consul://h:8500/web?tag=a"; got != want {
		t.Errorf("redacted %q, want %q", got, want)
	}
	if !strings.Contains(target.String(), "hunter2") {
		t.Error("String must be good for dialling")
	}
}

func FuzzTargetRoundTrip(f *testing.F) {
	for _, s := range []string{"consul:///web", "consul:a%3Fb?tag=x", "consul://a,b/c?dc=x,y&empty=hold=3s", "consul://u:p@[::1]:1/c/d",
		"Consul:0?agent=:,0000000", "consul:///x?agent=unix:///a,http://u:p@h/p", "consul:///?query=q&stale&linger=0", "consul:///w?consistent&min-passing=3%25&scheme=https"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		first, err := ParseTarget(s)
		if err != nil {
			return
		}
		second, err := ParseTarget(first.String())
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%q → %+v\n→ %q → %+v (%v)", s, first, first.String(), second, err)
		}
	})
}
