package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devstack/stack"
	"devstack/timeline"
)

// What cannot happen is not played: no process is started, and the reason is the verdict's.
func TestAStoryThatCannotBeIsInconclusiveAtOnce(t *testing.T) {
	const story = "scenario \"x\" {\n title = \"x\"\n step \"s\" {\n inject \"KIND\" {\n target = \"leader\"\n}\n}\n}"
	for _, x := range []struct {
		name, kind string
		set        map[string]string
		consul     stack.ConsulConfig
		want       string
	}{
		{"leader-kill", "", map[string]string{"servers": "1"}, stack.ConsulConfig{}, "about a Consul of servers = 3, and this one has 1"},
		{"leader-kill", "", nil, stack.ConsulConfig{Servers: 1}, "servers = 3, and this one has 1"},
		{"dc-failover", "", map[string]string{"datacenters": "1"}, stack.ConsulConfig{}, "datacenters = 2, and this one has 1"},
		{"agent-kill", "", map[string]string{"clients": "0"}, stack.ConsulConfig{}, "clients = "},
		{"acl-revoked", "", map[string]string{"acl": "false"}, stack.ConsulConfig{}, stack.ErrNoACL.Error()},
		{"blackhole", "", map[string]string{"links": "false"}, stack.ConsulConfig{}, stack.ErrNoLinks.Error()},
		{"", "consul-kill", nil, stack.ConsulConfig{}, "step s: consul-kill leader: with an only server"},
		{"", "consul-pause", nil, stack.ConsulConfig{Addr: "127.0.0.1:1"}, stack.ErrForeign.Error()},
	} {
		t.Run(x.name+x.kind, func(t *testing.T) {
			s := theStory(t, x.name, strings.Replace(story, "KIND", x.kind, 1))
			log := timeline.NewLog(time.Now())
			defer log.Close()
			dir := t.TempDir()
			run, err := s.Run(t.Context(), Options{Set: x.set, Stack: stack.Config{Self: filepath.Join(dir, "nobody"), Dir: dir, Timeline: log, Consul: x.consul}})
			if err != nil || run.Verdict != timeline.Inconclusive || !strings.Contains(run.Why, x.want) {
				t.Errorf("%s %q, %v; want %q", run.Verdict, run.Why, err, x.want)
			}
			if _, err := os.Stat(filepath.Join(dir, timeline.LogsDir)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a stack was started (%v)", err)
			}
		})
	}
}

func theStory(t *testing.T, builtin, src string) *Scenario {
	t.Helper()
	if builtin != "" {
		s, err := Find(builtin)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	list, err := Parse([]byte(src), "x.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// As they are written, all stories can be.
func TestEveryBuiltinFitsItsOwnSetUp(t *testing.T) {
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		c, err := configure(s.Resolve(nil))
		if err != nil {
			t.Fatal(err)
		}
		if why := s.unfit(c.Resolved()); why != "" {
			t.Errorf("%s: %s", s.Name, why)
		}
	}
}
