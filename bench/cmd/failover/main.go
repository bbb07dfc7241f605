// Command failover kills replicas of one stack while clients call it that differ in nothing
// but their resolver, and prints what each kill cost each of them. All see the same kill, at
// the same distance to Consul's next check, which is chance.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"devstack/bench/figures"
	"devstack/bench/resolvers"
	"devstack/stack"
	"devstack/timeline"
)

func main() {
	devstack := flag.String("devstack", "", "the devstack program")
	kills := flag.Int("kills", 50, "replicas to kill")
	dir := flag.String("dir", "", "where the run folder goes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	all, err := run(ctx, *devstack, *dir, *kills)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(rows(all))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "failover:", err)
		os.Exit(1)
	}
}

// rate is how many calls a second each client makes.
const rate = 200

// outcome is what one kill meant for one client.
type outcome struct {
	client   string
	lastPick time.Duration // from the kill to the last call that was given the dead replica; 0: none was
	pushed   time.Duration // from the kill to UpdateState without it
	failed   int           // calls
}

// rows are distributions. Only when the resolver pushed is its own doing: the picks and the
// failed calls are the channel's, which notices the end of a connection by itself.
func rows(all []outcome) []figures.Row {
	var picks, pushed, failed figures.Samples
	for _, o := range all {
		picks.Add(o.client, millis(o.lastPick))
		pushed.Add(o.client, millis(o.pushed))
		failed.Add(o.client, float64(o.failed))
	}
	rows := slices.Concat(
		picks.Rows("SIGKILL → last pick of the victim", "ms", resolvers.Ours),
		pushed.Rows("SIGKILL → resolver pushed", "ms", resolvers.Ours),
		failed.Rows(fmt.Sprintf("calls that a SIGKILL failed, at %d RPC/s", rate), "calls", resolvers.Ours))
	for i := range rows {
		rows[i].Chance = true
	}
	return rows
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }

func run(ctx context.Context, devstack, dir string, kills int) (all []outcome, err error) {
	self, err := filepath.Abs(devstack)
	if err != nil {
		return nil, err
	}
	log := timeline.NewLog(time.Now())
	defer log.Close()
	s, err := stack.Start(ctx, stack.Config{Self: self, Dir: dir, Timeline: log})
	if err != nil {
		return nil, fmt.Errorf("start a stack: %w", err)
	}
	defer s.Close()
	s.StopLoad() // its client is one more of ours
	contenders, err := resolvers.Contenders()
	if err != nil {
		return nil, err
	}
	var clients []*client
	for _, c := range contenders {
		one, err := newClient(c, s.Target(), log.Start())
		if err != nil {
			return nil, err
		}
		defer one.close()
		clients = append(clients, one)
	}
	for n := range kills {
		some, err := kill(ctx, s, clients, n)
		if err != nil {
			return nil, fmt.Errorf("kill %d: %w", n+1, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// patience bounds every wait.
const patience = 20 * time.Second

// kill ends one replica, waits until every client's resolver has noticed, and brings it back.
func kill(ctx context.Context, s *stack.Stack, clients []*client, n int) ([]outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	replicas := s.Replicas()
	for _, c := range clients {
		for _, r := range replicas {
			if err := c.uses(ctx, r.Addr); err != nil {
				return nil, fmt.Errorf("%s does not come to call %s: %w", c.name, r.ID, err)
			}
		}
	}
	victim := replicas[n%len(replicas)]
	for _, c := range clients {
		c.forget()
	}
	fault, err := s.Inject(ctx, stack.Order{Kind: "kill", Targets: []string{victim.ID}})
	if err != nil {
		return nil, err
	}
	at, err := injected(ctx, s.Timeline(), fault.ID)
	if err != nil {
		return nil, err
	}
	var out []outcome
	for _, c := range clients {
		o, err := c.outcome(ctx, victim.Addr, at)
		if err != nil {
			return nil, fmt.Errorf("%s does not come to drop %s: %w", c.name, victim.ID, err)
		}
		out = append(out, o)
	}
	return out, s.Heal(ctx, fault.ID)
}

// injected is when the fault was, on the timeline's clock.
func injected(ctx context.Context, log *timeline.Log, id int) (time.Duration, error) {
	e, err := log.Await(ctx, 0, func(e timeline.Event) bool {
		f, ok := timeline.Payload[timeline.Fault](e)
		return ok && e.Type == timeline.FaultInjected && f.ID == id
	})
	if err != nil {
		return 0, errors.Join(errors.New("the fault is not in the timeline"), err)
	}
	return time.Duration(e.T * float64(time.Second)), nil
}
