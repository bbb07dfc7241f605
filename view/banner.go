package view

import (
	"fmt"
	"io"

	"devstack/timeline"
)

// bannerReplicas is how many replicas a banner lists; more of them scroll it away.
const bannerReplicas = 12

// Banner writes the address book of a stack that is ready, and lines to paste.
func Banner(w io.Writer, r timeline.Ready, folder string, colour bool) {
	p := Paint(colour)
	fmt.Fprintf(w, "%s  first RPC through the resolver %.0f ms after start\n\n", p.Bold("devstack is ready"), r.ReadyMS)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	if r.Dashboard != "" {
		row("dashboard", "%s", r.Dashboard)
	}
	row("Consul UI", "%s", r.Consul.UI)
	row("Consul", "%s %s", r.Consul.Scheme(), r.Consul.HTTP)
	if r.Consul.GRPC != "" {
		row("", "grpc %s   dns %s", r.Consul.GRPC, r.Consul.DNS)
	}
	row("target", "%s", r.Target)
	for i, replica := range r.Replicas {
		if i == bannerReplicas {
			row("", "… and %d more", len(r.Replicas)-i)
			break
		}
		row(replica.ID, "%s   pid %d", replica.Addr, replica.PID)
	}
	row("run folder", "%s", folder)
	fmt.Fprintf(w, "\n  %s\n", p.Bold("try, in another terminal"))
	for _, line := range pastes(r) {
		fmt.Fprintf(w, "    %s\n", line)
	}
	fmt.Fprintf(w, "\n  Ctrl-C stops everything.\n\n")
}

func pastes(r timeline.Ready) []string {
	lines := []string{
		`eval "$(devstack env)"; devstack consul members`,
		"devstack greeter call --target '" + r.Target + "' --count 6",
	}
	if len(r.Replicas) == 0 {
		return lines
	}
	first := r.Replicas[0]
	return append(lines,
		`grpcurl -plaintext -d '{"name":"you"}' `+first.Addr+" helloworld.Greeter/SayHello",
		"grpc_health_probe -addr "+first.Addr,
		"devstack kill "+first.ID,
		"devstack status")
}

// Farewell writes what a run came to, t seconds after its start.
func Farewell(w io.Writer, e timeline.Ended, t float64, folder string) {
	fmt.Fprintf(w, "\n%s: %d RPCs in %.1f s, %d failed. The record is in %s\n", e.Reason, e.Totals.RPCs, t, e.Totals.Failed, folder)
}
