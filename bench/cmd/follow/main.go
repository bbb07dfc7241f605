// Command follow lets resolvers, and a bare loop of blocking queries, follow a Consul, and
// prints how long changes took to arrive and what each asked of a Consul that does not
// behave. Who follows, takes turns in this one process: a process each would measure two
// machines. It is no part of the bench, because mbobakov's resolver never ends.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	grpcresolver "google.golang.org/grpc/resolver"

	"devstack/bench/figures"
	"devstack/bench/resolvers"
)

func main() {
	rounds := flag.Int("rounds", 3, "medians to take")
	flag.Parse()
	rows, err := run(*rounds)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "follow:", err)
		os.Exit(1)
	}
}

func run(rounds int) ([]figures.Row, error) {
	var rows []figures.Row
	for _, size := range resolvers.Sizes {
		var took figures.Samples
		for range rounds {
			if err := follow(size, &took); err != nil {
				return nil, err
			}
		}
		rows = append(rows, took.Rows(fmt.Sprintf("change → UpdateState, %d instances", size), "ms", resolvers.Ours)...)
	}
	hot, err := misbehaved()
	return append(rows, hot...), err
}

// changesOf is how many changes of a service of so many instances a round waits for.
func changesOf(size int) int { return min(25, 5+2000/size) }

// follow adds the median of some changes.
func follow(size int, took *figures.Samples) error {
	all, err := resolvers.Follow(size)
	if err != nil {
		return err
	}
	defer resolvers.Close(all)
	values := make([][]float64, len(all))
	for n := range changesOf(size) {
		for turn := range all {
			i := (n + turn) % len(all) // nobody always comes first
			d, err := all[i].Round()
			if err != nil {
				return err
			}
			values[i] = append(values[i], float64(d)/float64(time.Millisecond))
		}
	}
	for i, f := range all {
		took.Add(f.Name, figures.Median(values[i]))
	}
	return nil
}

// misbehaved counts requests. One second of each will do: the counts differ by thousands.
func misbehaved() ([]figures.Row, error) {
	contenders, err := resolvers.Contenders()
	if err != nil {
		return nil, err
	}
	var rows []figures.Row
	for _, m := range resolvers.Misbehaviours() {
		var asked figures.Samples
		for _, c := range contenders {
			n, err := hotLoop(c, m.Answer)
			if err != nil {
				return nil, err
			}
			asked.Add(c.Name, float64(n))
		}
		rows = append(rows, asked.Rows("a Consul that "+m.What, "requests in 1 s", resolvers.Ours)...)
	}
	return rows, nil
}

// hotLoop is what c asks within a second.
func hotLoop(c resolvers.Contender, answer resolvers.Answer) (int, error) {
	consul := resolvers.NewConsul(answer)
	defer consul.Stop()
	target, err := resolvers.Target(consul.Addr(), "/web")
	if err != nil {
		return 0, err
	}
	b, end := c.New()
	defer end()
	r, err := b.Build(target, &resolvers.Spy{}, grpcresolver.BuildOptions{})
	if err != nil {
		return 0, fmt.Errorf("build %s: %w", c.Name, err)
	}
	defer r.Close()
	return consul.FirstSecond(), nil
}
