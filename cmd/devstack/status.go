package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"devstack/control"
)

func statusCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "what a running stack looks like, and what is injected",
		Flags: remoteFlags(&cli.StringFlag{Name: "format", EnvVars: []string{"DEVSTACK_STATUS_FORMAT"}, Value: formatPretty, Usage: "pretty or json"}),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			if err := oneOf("format", c.String("format"), []string{formatPretty, formatJSON}); err != nil {
				return err
			}
			return withClient(c, func(ctx context.Context, client *control.Client) error {
				s, err := client.Status(ctx)
				if err != nil {
					return err
				}
				if c.String("format") == formatJSON {
					enc := json.NewEncoder(std.out)
					enc.SetIndent("", "  ")
					return enc.Encode(s)
				}
				return printStatus(std.out, s)
			})
		},
	}
}

func printStatus(out io.Writer, s control.Status) error {
	fmt.Fprintf(out, "%s: %s for %s, pid %d\n", shown(s.Dir), s.State, seconds(s.T), s.PID)
	fmt.Fprintf(out, "consul   %s; %s %s\n", consulSays(s.Consul), s.Consul.Scheme(), cmp.Or(s.Consul.HTTP, "-"))
	fmt.Fprintf(out, "target   %s (%s)\n", cmp.Or(s.Target, "-"), cmp.Or(s.Channel, "no channel yet"))
	t := s.Traffic
	fmt.Fprintf(out, "traffic  %g RPC/s due, %.0f RPC/s ended in the last second; %d ok, %d failed so far\n\n", t.Offered, t.Rate, t.OK, t.Failed)
	if err := printAgents(out, s.Consul.Agents); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "REPLICA\tPID\tADDRESS\tPROCESS\tCATALOG\tSUBCHANNEL\tSHARE")
	for _, r := range s.Replicas {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%.0f%%\n", r.Name, r.PID, cmp.Or(r.Addr, "-"), cmp.Or(r.Process, "-"),
			r.Catalog, cmp.Or(r.Subchannel, "-"), 100*r.Share)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return printFaults(out, s.Faults)
}

// consulSays is the agent's process, and what it answers while it runs.
func consulSays(c control.Consul) string {
	process := cmp.Or(c.Process, "starting")
	switch {
	case process == "paused" || process == "exited":
		return process
	case !c.Answers:
		return process + ", does not answer"
	case c.Leader == "":
		return process + ", answers, no leader"
	}
	return process + ", answers, leader " + c.Leader
}

func printFaults(out io.Writer, open []control.OpenFault) error {
	if len(open) == 0 {
		_, err := fmt.Fprintln(out, "nothing is injected")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "FAULT\tKIND\tTARGETS\tBY\tHEALS")
	for _, f := range open {
		heals := "by hand: devstack heal " + fmt.Sprint(f.ID)
		if f.Left != nil {
			heals = "in " + seconds(*f.Left)
		}
		if f.Error != "" {
			heals = "tried in vain: " + strings.SplitN(f.Error, "\n", 2)[0]
		}
		kind := strings.TrimSpace(f.Kind + " " + f.Detail)
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", f.ID, kind, strings.Join(f.Targets, " "), f.Step, heals)
	}
	return w.Flush()
}

// seconds is a time on the run's clock as a person says it.
func seconds(s float64) string {
	return (time.Duration(s*10) * time.Second / 10).String()
}

// printAgents is a table of the agents, when Consul is more than one; a star leads.
func printAgents(out io.Writer, agents []control.Agent) error {
	if len(agents) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "AGENT\tPID\tHTTP\tPROCESS\tDC\tROLE\tRAFT\tINDEX\tSEES")
	for _, a := range agents {
		name, raft, index, sees := a.Name, cmp.Or(a.Raft, "-"), "-", "-"
		if a.Raft == "Leader" && a.Process == "running" {
			name = "★ " + name
		}
		if a.Raft != "" {
			index = fmt.Sprint(a.Index)
		}
		if a.Members > 0 {
			sees = fmt.Sprintf("%d of %d alive", a.Alive, a.Members)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, a.PID, a.HTTP, a.Process, a.DC, cmp.Or(a.Role, "-"), raft, index, sees)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out)
	return err
}
