//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"devstack/stack"
	"devstack/timeline"
)

// established counts, as the kernel has them, the open connections from the herd's address
// to that agent.
func established(t *testing.T, agent string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(agent)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	const herd, open = "0200007F:", "01" // 127.0.0.2, ESTABLISHED
	to := fmt.Sprintf("0100007F:%04X", number)
	file, err := os.Open("/proc/self/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) > 3 && strings.HasPrefix(f[1], herd) && f[2] == to && f[3] == open {
			n++
		}
	}
	return n
}

// A herd that shares a watch is one connection to the agent; one that does not is as many
// as the agent allows, and the others hear nothing. The kernel counts the same as the herd.
func TestAHerdIsAsManyConnectionsAsItHasWatches(t *testing.T) {
	self, err := exec.LookPath("devstack")
	if err != nil {
		t.Fatal(err)
	}
	const channels, limit = 60, 50
	for watch, want := range map[string]timeline.Herd{
		stack.HerdShared: {Channels: channels, Watch: stack.HerdShared, Endpoints: 3, Reached: channels, Conns: 1},
		stack.HerdOwn:    {Channels: channels, Watch: stack.HerdOwn, Endpoints: 3, Reached: limit, Missed: channels - limit, Conns: limit},
	} {
		t.Run(watch, func(t *testing.T) {
			log := timeline.NewLog(time.Now())
			st, err := stack.Start(t.Context(), stack.Config{
				Self: self, Dir: t.TempDir(), Timeline: log, Herd: stack.HerdConfig{Channels: channels, Watch: watch}, Consul: stack.ConsulConfig{HTTPMaxConns: limit},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(st.Close)
			seq := log.Len()
			fault, err := st.Inject(t.Context(), stack.Order{Kind: "maintenance", Targets: []string{"greeter-2"}})
			if err != nil {
				t.Fatal(err)
			}
			fewer := want
			fewer.Endpoints = 2
			agent := st.Agent().HTTP()
			heard(t, log, seq, agent, fewer)
			seq = log.Len()
			if err := st.Heal(t.Context(), fault.ID); err != nil {
				t.Fatal(err)
			}
			heard(t, log, seq, agent, want)
			refused := 0
			for e := range log.From(0) {
				if d, ok := timeline.Payload[timeline.HerdRefusal](e); ok && e.Type == timeline.HerdRefused {
					refused += d.Refused
				}
			}
			if (refused > 0) != (want.Missed > 0) {
				t.Errorf("%d queries were turned away, and %d channels missed the list", refused, want.Missed)
			}
			st.Close()
			if n := established(t, agent); n != 0 {
				t.Errorf("%d connections are open after the end", n)
			}
		})
	}
}

// heard waits for the herd's next change after seq, which is to be as wanted but for its
// times, and asks the kernel for the connections. One that is being turned away is open for
// a moment, so both may have some more than those that last.
func heard(t *testing.T, log *timeline.Log, seq uint64, agent string, want timeline.Herd) {
	t.Helper()
	d, _ := timeline.Payload[timeline.Herd](await(t, log, seq, timeline.HerdUpdated))
	kernel := established(t, agent)
	if d.First <= 0 || d.Last < d.First {
		t.Errorf("from %v to %v", d.First, d.Last)
	}
	for what, n := range map[string]int{"herd": d.Conns, "kernel": kernel} {
		if n < want.Conns || n > want.Conns+want.Missed {
			t.Errorf("the %s counts %d connections, want %d", what, n, want.Conns)
		}
	}
	d.First, d.Last, d.Conns = 0, 0, want.Conns
	if d != want {
		t.Errorf("%+v, want %+v", d, want)
	}
}
