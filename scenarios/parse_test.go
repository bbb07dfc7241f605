package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"devstack/stack"

	// The policies that the built-in stories name and that the command brings along.
	_ "google.golang.org/grpc/xds"

	_ "devstack/load/modulo"
	_ "devstack/resolver/weighted"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The built-in stories are sound, say what they are for, and have a chapter.
func TestBuiltins(t *testing.T) {
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Name+".hcl" != s.File {
			t.Errorf("%s is in %s", s.Name, s.File)
		}
		if s.Title == "" || s.Lesson == "" || s.Watch == "" || len(s.Teaches) == 0 || s.Tier == 0 || s.spec.Predict == nil {
			t.Errorf("%s lacks title, lesson, watch, teaches, tier or predict", s.Name)
		}
		if len(s.spec.Expects) == 0 {
			t.Errorf("%s expects nothing", s.Name)
		}
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(s.Docs))); s.Docs == "" || err != nil {
			t.Errorf("%s: its chapter %q: %v", s.Name, s.Docs, err)
		}
	}
}

func TestTheSkeletonIsSound(t *testing.T) {
	src, err := Skeleton("mine")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(src, "mine.hcl"); err != nil {
		t.Error(err)
	}
}

// Each line of a bad file gets its own place and, where one name is near, a proposal.
func TestAllMistakesAtOnce(t *testing.T) {
	const src = `scenario "bad" {
  title = "Everything wrong"
  topology {
    replicsa = 3
  }
  step "a" {
    inject "kil" { target = one }
    until = balanced(replicaz)
  }
  step "b-c" { heal = "zz" }
  step "a" { wait = "soon" }
  expect "two kinds" {
    max = 1
    min = 1
    of  = a.failed
  }
  expect "no of" { within = intervall }
}`
	_, err := Parse([]byte(src), "bad.hcl")
	var d Diagnostics
	if !errors.As(err, &d) {
		t.Fatalf("%T %v", err, err)
	}
	for _, want := range []string{
		"bad.hcl:4:", `did you mean "replicas"`,
		"bad.hcl:7:", `did you mean "kill"`,
		"bad.hcl:8:", `"replicaz"`,
		"bad.hcl:10:", `"b-c"`, `No earlier step "zz"`,
		"bad.hcl:11:", `Step "a" exists already`, `"soon"`,
		"bad.hcl:12:", `exactly one of`,
		"bad.hcl:17:", `did you mean "interval"`, `no "of"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%s", want, err)
		}
	}
}

// What does not fit the shape of the language hides nothing of what does not fit otherwise.
func TestMistakesOfEveryKindAtOnce(t *testing.T) {
	const src = `scenario "two" {
  titel = "x"
  topology {
    replcas = 3
  }
  step "break" {
    inject "kkill" {
      targt = one
    }
    until = redy(replicas - 1)
    wiat  = "1s"
  }
  step {
    heal = "brake"
  }
  expect "few RPCs fail" {
    max = brek.in_flight + 1
    of  = break.failed
  }
}`
	_, err := Parse([]byte(src), "two.hcl")
	if err == nil {
		t.Fatal("valid")
	}
	for _, want := range []string{
		"two.hcl:2:3: ", `two.hcl:1:16: missing required argument: The argument "title"`, `two.hcl:4:5: `, `did you mean "replicas"`,
		`two.hcl:7:5: unknown fault: There is no fault "kkill"; did you mean "kill"`, `two.hcl:8:7: unknown argument: Fault "kill" has no argument "targt"; did you mean "target"`,
		`two.hcl:10:13: unknown function: There is no redy(…); did you mean "ready"?`, "two.hcl:11:5: ", "two.hcl:13:", `two.hcl:17:11: unknown name: "brek" is not known here; did you mean "break"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%s", want, err)
		}
	}
}

// inject is a scenario with one fault that has one argument, on line 5.
func inject(kind, argument string) string {
	return "scenario \"x\" {\n title = \"x\"\n step \"s\" {\n inject \"" + kind + "\" {\n" + argument + "\ntarget = one\n}\n}\n}"
}

func TestUnknownWordsAreErrors(t *testing.T) {
	for src, want := range map[string]string{
		`scenario "x" {`:               "x.hcl:1:",
		``:                             "holds no scenario",
		`scenario "x" { title = "x" }`: "does nothing",
		"scenario \"x\" {\n title = \"x\"\n tittle = 1\n}":                                                         "x.hcl:3:",
		"scenario \"x\" {\n title = \"x\"\n step \"s\" {\n wiat = \"1s\"\n}\n}":                                    "x.hcl:4:",
		"scenario \"x\" {\n title = \"x\"\n load {\n rate = \"many\"\n}\n step \"s\" { wait = \"1s\" }\n}":         "not a number",
		"scenario \"x\" {\n title = \"x\"\n vary \"check\" {\n values = [\"grpc\", \"ggg\"]\n}\n step \"s\" {}\n}": "vary",
		inject("slow", `latancy = "1s"`):                                                                           `x.hcl:5:1: unknown argument: Fault "slow" has no argument "latancy"; did you mean "latency"`,
		inject("slow", `latency = "long"`):                                                                         `x.hcl:5:1`,
		inject("errors", `code = 17`):                                                                              `"17" is not the number of a gRPC code`,
	} {
		_, err := Parse([]byte(src), "x.hcl")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n: %v, want %q", src, err, want)
		}
	}
}

// A stack takes zero for its own default: who asks for zero is told, not given three.
func TestNothingIsNotTheDefault(t *testing.T) {
	for _, pair := range []string{
		"replicas=0", "callers=0", "servers=0", "datacenters=0", "rate=0", "rate=NaN", "attempts=0", "http_max_conns=0",
		"interval=0s", "timeout=0s", "ttl=0s", "deadline=0s", "settle=0s", "drain=0s", "idle_timeout=0s", "keepalive_timeout=0s",
		"policy=", "check=", "resolver=", "via=", "register=", "profile=", "home=", "herd_watch=", "initial_status=",
	} {
		name, value, _ := strings.Cut(pair, "=")
		_, err := configure(map[string]string{name: value})
		if !errors.Is(err, stack.ErrConfig) || !strings.Contains(err.Error(), "setting "+name) {
			t.Errorf("%s: %v", pair, err)
		}
	}
	if _, err := configure(map[string]string{"clients": "0", "keepalive": "0s", "keys": "0", "query": "", "handlers": "0"}); err != nil {
		t.Error(err)
	}
}

// One mistake is told once.
func TestAnUnknownPolicyIsToldOnce(t *testing.T) {
	_, err := configure(map[string]string{"policy": "foo"})
	if err == nil || strings.Count(err.Error(), `"foo"`) != 1 {
		t.Error(err)
	}
}

func TestFindProposes(t *testing.T) {
	_, err := Find("kil-node")
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), `"kill-node"`) {
		t.Error(err)
	}
}

func TestSettingsOfTheUserWin(t *testing.T) {
	s, err := Find("kill-node")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Resolve(map[string]string{"replicas": "7"}); got["replicas"] != "7" || got["check"] != "grpc" {
		t.Errorf("%v", got)
	}
	if s.settings["replicas"] != "3" {
		t.Errorf("the scenario itself changed: %v", s.settings)
	}
}

func FuzzParse(f *testing.F) {
	src, _ := Skeleton("seed")
	f.Add(src)
	f.Add([]byte(`scenario "x" { title = "x" expect "e" { max = kill.t5 } }`))
	f.Fuzz(func(t *testing.T, src []byte) {
		list, err := Parse(src, "f.hcl")
		if err != nil {
			return
		}
		for _, s := range list { // whatever parses can be judged over any record
			s.Judge(goodKill().record(), nil, 0)
		}
	})
}
