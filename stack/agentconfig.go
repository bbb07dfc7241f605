package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Role is what an agent is to its datacenter.
type Role string

const (
	Server Role = "server" // keeps the catalog and takes part in Raft
	Client Role = "client" // runs checks, and asks a server for everything else
)

// args is the agent's command line. An only server is a development agent: in memory, and
// its own leader a tenth of a second after its start.
func (a *Agent) args() ([]string, error) {
	p := a.ports
	hcl, err := a.hcl()
	if err != nil {
		return nil, err
	}
	args := []string{"agent", "-node", a.Name, "-datacenter", a.DC, "-bind", a.bind(), "-client", "127.0.0.1", "-log-level", "info",
		a.portFlag(), fmt.Sprint(p.HTTP), "-dns-port", fmt.Sprint(p.DNS), "-grpc-port", fmt.Sprint(p.GRPC),
		"-server-port", fmt.Sprint(p.Server), "-serf-lan-port", fmt.Sprint(p.SerfLAN), "-serf-wan-port", fmt.Sprint(p.SerfWAN),
		"-hcl", strings.Join(hcl, "\n")}
	if a.dev() {
		args = append(args, "-dev")
	}
	return args, nil
}

// noPorts are those that are not to be opened.
func (a *Agent) noPorts() string {
	if a.security.ca != nil {
		return "ports { grpc_tls = -1, http = -1 }"
	}
	return "ports { grpc_tls = -1 }"
}

// portFlag names the port of the HTTP API, which is https's where there is TLS.
func (a *Agent) portFlag() string {
	if a.security.ca != nil {
		return "-https-port"
	}
	return "-http-port"
}

// dev is true of an agent that may forget everything when its process ends.
func (a *Agent) dev() bool { return a.Role == Server && a.cfg.Consul.Servers == 1 }

func (a *Agent) hcl() ([]string, error) {
	hcl, err := a.securityHCL()
	if err != nil {
		return nil, err
	}
	hcl = append(hcl, a.advertised()...)
	hcl = append(hcl,
		"disable_update_check = true",
		"connect { enabled = false }",
		"peering { enabled = false }",
		a.noPorts(),
		fmt.Sprintf("limits { http_max_conns_per_client = %d }", a.cfg.Consul.HTTPMaxConns),
		// An end of the stack is not a farewell that others have to hear of.
		"leave_on_terminate = false",
		"skip_leave_on_interrupt = true",
	)
	if a.cfg.Consul.Profile == ProfileDev {
		hcl = append(hcl, "performance { raft_multiplier = 1 }", "gossip_lan "+quickGossip, "gossip_wan "+quickGossip)
	}
	if a.dev() {
		return append(hcl, a.joins()...), nil
	}
	hcl = append(hcl, fmt.Sprintf("data_dir = %q", a.dataDir()), "disable_keyring_file = true", "ui_config { enabled = true }")
	if a.Role == Server {
		n := a.cfg.Consul.Servers
		// Autopilot would take a dead server off the list of voters, now and then, and take
		// its time to make it a voter again: a quorum less when the next one dies.
		hcl = append(hcl, "server = true", fmt.Sprintf("bootstrap_expect = %d", n), fmt.Sprintf("autopilot { min_quorum = %d }", n))
	}
	return append(hcl, a.joins()...), nil
}

// quickGossip sees a dead member in about a second (memberlist: suspicion_mult ×
// max(1, log10 n) × probe_interval), and forgives a machine that is busy for a moment more
// than the development mode's 100 ms do.
const quickGossip = `{ gossip_interval = "50ms", probe_interval = "200ms", probe_timeout = "150ms", suspicion_mult = 4 }`

func (a *Agent) joins() []string {
	var hcl []string
	if len(a.lan) > 0 {
		hcl = append(hcl, fmt.Sprintf("retry_join = [%s]", quoted(a.lan)), `retry_interval = "50ms"`)
	}
	if len(a.wan) > 0 {
		hcl = append(hcl, fmt.Sprintf("retry_join_wan = [%s]", quoted(a.wan)), `retry_interval_wan = "100ms"`)
	}
	return hcl
}

// introduce tells a whom to join: the servers of its own datacenter and, if it is one
// itself, those of the others.
func (a *Agent) introduce(all []*Agent) {
	for _, o := range all {
		switch {
		case o == a || o.Role != Server:
		case o.DC == a.DC:
			a.lan = append(a.lan, loopback(o.ports.SerfLAN))
		case a.Role == Server:
			a.wan = append(a.wan, loopback(o.ports.SerfWAN))
		}
	}
}

// ConsulDir is where in a run folder the agents keep their data, and people's tools find keys
// and the operator's token. It goes with the stack.
const ConsulDir = "consul"

// dataDir is where the agent keeps Raft's log, or its services, over a restart.
func (a *Agent) dataDir() string { return filepath.Join(a.cfg.Dir, ConsulDir, a.Name) }

// forgetData removes what the agent kept; the record of a run has no use for it.
func (a *Agent) forgetData() {
	if !a.foreign() && !a.dev() {
		os.RemoveAll(a.dataDir())
		os.Remove(filepath.Dir(a.dataDir())) // when it was the last
	}
}

func quoted(list []string) string {
	var q []string
	for _, s := range list {
		q = append(q, fmt.Sprintf("%q", s))
	}
	return strings.Join(q, ", ")
}
