package resolver

import (
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
)

// Each option sets what the parameter of the same name sets in a target.
func TestOptionsMeanWhatParametersMean(t *testing.T) {
	for params, o := range map[string]Option{
		"tag=a&tag=b":                WithTags("a", "b"),
		"filter=x":                   WithFilter("x"),
		"health=warning":             WithHealth(HealthWarning),
		"dc=a,b":                     WithDatacenters("a", "b"),
		"ns=n":                       WithNamespace("n"),
		"partition=p":                WithPartition("p"),
		"peer=p":                     WithPeer("p"),
		"near=_agent":                WithNear("_agent"),
		"limit=3":                    WithLimit(3),
		"stale":                      WithConsistency(ConsistencyStale),
		"consistent":                 WithConsistency(ConsistencyConsistent),
		"max-stale=3s":               WithMaxStale(3 * time.Second),
		"cached":                     WithCached(),
		"wait=3s":                    WithWait(3 * time.Second),
		"timeout=3s":                 WithTimeout(3 * time.Second),
		"max-backoff=3s":             WithMaxBackoff(3 * time.Second),
		"poll=3s":                    WithPollInterval(3 * time.Second),
		"linger=3s":                  WithLinger(3 * time.Second),
		"linger=0":                   WithLinger(0),
		"token=t":                    WithToken("t"),
		"address=lan,node":           WithAddressChoice("lan", "node"),
		"port=grpc":                  WithPort("grpc"),
		"empty=hold=3s":              WithEmpty(EmptyHold, 3*time.Second),
		"min-passing=30":             WithMinPassing(30),
		"config-key=k":               WithConfigKey("k"),
		"scheme=https":               WithTLS(TLS{}),
		"scheme=https&insecure=true": WithParams(Params{TLS: true, SkipVerify: true}),
		"":                           WithLogger(nil),
	} {
		want, err := ParseTarget("consul:///web?" + params)
		if err != nil {
			t.Fatal(err)
		}
		if got := NewBuilder(o).params; !reflect.DeepEqual(got, want.Params) {
			t.Errorf("%s:\n got %+v\nwant %+v", params, got, want.Params)
		}
	}
}

// A target's parameter wins over an option, also to switch something off.
func TestTargetWinsOverOption(t *testing.T) {
	b := NewBuilder(WithParams(Params{Tags: []string{"a"}, Health: HealthAny, Limit: 5, Consistency: ConsistencyStale,
		Cached: true, Wait: time.Hour, Linger: time.Hour, TLS: true, Empty: EmptyHold, Hold: time.Hour}))
	got, err := parseURL(grpcTarget(t, "consul:///web?tag=b&health=passing&limit=0&stale=false&cached=0&wait=1s&linger=0&scheme=http&empty=keep").URL, b.params)
	want := Params{Tags: []string{"b"}, Health: HealthPassing, Consistency: ConsistencyDefault, Wait: time.Second, Linger: NoLinger, Empty: EmptyKeep}
	if err != nil || !reflect.DeepEqual(got.Params, want) {
		t.Errorf("%+v, %v", got.Params, err)
	}
	if b.params.Tags[0] != "a" {
		t.Error("a target changed its Builder's options")
	}
}

func TestBadOptionIsAnErrorOfBuild(t *testing.T) {
	for want, o := range map[string]Option{
		`health is "sick"`:       WithHealth("sick"),
		`empty is "full"`:        WithEmpty("full", 0),
		`consistency is "maybe"`: WithConsistency("maybe"),
		"wait is -1s":            WithWait(-time.Second),
		"timeout is -1s":         WithTimeout(-time.Second),
		"max-backoff is -1s":     WithMaxBackoff(-time.Second),
		"poll is -1s":            WithPollInterval(-time.Second),
		"max-stale is -1s":       WithMaxStale(-time.Second),
		"hold is -1s":            WithEmpty(EmptyHold, -time.Second),
		"limit is -1":            WithParams(Params{Limit: -1}),
		"min-passing is 101":     WithParams(Params{MinPassing: 101}),
	} {
		_, err := NewBuilder(o).Build(grpcTarget(t, "consul:///web"), &fakeChannel{}, grpcresolver.BuildOptions{})
		var bad *TargetError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestSecretsInTargetsCanBeRefused(t *testing.T) {
	b, _ := newTestBuilder(t, WithoutURLTokens(), WithToken("from-option"))
	for _, target := range []string{"consul:///web?token=hunter2", "consul://ann:hunter2@h/web"} {
		_, err := b.Build(grpcTarget(t, target), &fakeChannel{}, grpcresolver.BuildOptions{})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
	build(t, b, "consul://"+blackHole(t)+"/web", &fakeChannel{})
}

func TestAClientOfOnesOwn(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	client, err := api.NewClient(&api.Config{Address: f.Listener.Addr().String(), Token: "its-own"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONSUL_HTTP_ADDR", blackHole(t))
	t.Setenv("CONSUL_HTTP_TOKEN", "not-this")
	b, _ := newTestBuilder(t, WithClient(client))
	cc := &fakeChannel{}
	build(t, b, "consul:///web", cc)
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	if got := f.seen()[0].token; got != "its-own" {
		t.Errorf("asked with token %q", got)
	}
	if _, err := b.Build(grpcTarget(t, "consul://h:1/web"), cc, grpcresolver.BuildOptions{}); err == nil {
		t.Error("a target's agent was taken although there is a client")
	}
}

// Two Consuls in one program: each Builder has a scheme and an address of its own.
func TestTwoSchemes(t *testing.T) {
	east, west := newFake(t), newFake(t)
	east.set("web", web(1)...)
	west.set("web", web(2)[1:]...)
	for scheme, c := range map[string]struct {
		*fake
		want string
	}{"east": {east, "9000"}, "west": {west, "9001"}} {
		b, _ := newTestBuilder(t, WithScheme(scheme), WithAddress(c.Listener.Addr().String()), WithLogger(slog.New(slog.DiscardHandler)))
		if b.Scheme() != scheme {
			t.Errorf("scheme %s", b.Scheme())
		}
		cc := &fakeChannel{}
		build(t, b, scheme+":///web", cc)
		eventually(t, "a list", func() bool { return cc.has() == c.want })
	}
}

// A file that cannot be read is the cause that calls fail with.
func TestUnreadableFilesAreSaid(t *testing.T) {
	for want, o := range map[string]Option{
		"token file": WithTokenFile("no/such/token"),
		"client:":    WithTLS(TLS{CAFile: "no/such/ca.pem"}),
	} {
		b, _ := newTestBuilder(t, o)
		cc := &fakeChannel{}
		build(t, b, "consul://"+blackHole(t)+"/web", cc)
		eventually(t, "the report", func() bool { return strings.Contains(cc.lastError(), want) })
		var q *QueryError
		if !errors.As(cc.errors()[0], &q) || q.Class != ClassConfig {
			t.Errorf("%T %v", cc.errors()[0], cc.errors()[0])
		}
	}
}
