package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// failover plays kill-node with our resolver and with the tutorial's, in turns: how long
// the whole takes, who knew when, and what it cost. When Consul's check comes after the
// kill is chance, so these values spread over the check's interval by nature.
func (b *bench) failover(ctx context.Context) ([]row, error) {
	whole, picks, list, failed := newSamples(), newSamples(), newSamples(), newSamples()
	const ours = "devstack"
	for range b.rounds {
		for _, c := range []struct{ name, resolver string }{{ours, "devstack"}, {"the tutorial's resolver", "naive"}} {
			r, err := b.killNode(ctx, c.resolver)
			if err != nil {
				return nil, fmt.Errorf("kill-node with %s: %w", c.name, err)
			}
			whole.add(c.name, r.Seconds)
			failed.add(c.name, float64(r.Totals.Failed))
			for _, m := range r.Waterfalls[0].Marks {
				if m.MS == nil {
					continue
				}
				switch m.ID {
				case "t5":
					list.add(c.name, *m.MS)
				case "t6":
					picks.add(c.name, *m.MS)
				}
			}
		}
	}
	var rows []row
	for _, part := range [][]row{
		whole.rows("kill-node, the whole of it", "s", ours), picks.rows("SIGKILL → last pick on the victim", "ms", ours),
		list.rows("SIGKILL → resolver pushed", "ms", ours), failed.rows("RPCs failed by one SIGKILL, 200 RPC/s", "RPC", ours),
	} {
		for _, r := range part {
			r.Chance = true
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// killed is what of a run.json is measured here.
type killed struct {
	Seconds    float64
	Totals     struct{ Failed int }
	Waterfalls []struct {
		Marks []struct {
			ID string
			MS *float64
		}
	}
}

func (b *bench) killNode(ctx context.Context, resolver string) (killed, error) {
	cmd := b.command(ctx, b.devstack, "scenario", "kill-node", "--format", "json", "--set", "resolver="+resolver)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) { // a verdict other than pass is a status, and a result
		return killed{}, err
	}
	var r killed
	if err := json.Unmarshal(out, &r); err != nil || len(r.Waterfalls) == 0 {
		return r, fmt.Errorf("no result (%v): %s", err, out)
	}
	return r, nil
}
