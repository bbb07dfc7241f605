package main

import (
	"fmt"
	"slices"
	"time"

	"devstack/bench/resolvers"
)

// latencies prints the median time from a change in Consul to UpdateState, beside that of
// a bare loop of blocking queries. Rounds take turns, so that a busy moment of the machine
// hits everybody.
func latencies() error {
	for n, size := range resolvers.Sizes {
		all, err := resolvers.Follow(size)
		if err != nil {
			return err
		}
		if n == 0 {
			head(all)
		}
		took := make([][]time.Duration, len(all))
		for range min(100, max(15, 400/size)) {
			for i, f := range all {
				d, err := f.Round()
				if err != nil {
					return err
				}
				took[i] = append(took[i], d)
			}
		}
		resolvers.Close(all)
		line(size, took)
	}
	return nil
}

func head(all []*resolvers.Follower) {
	fmt.Print("\n| instances |")
	for _, f := range all {
		fmt.Printf(" %s |", f.Name)
	}
	fmt.Print("\n| ---: |")
	for range all {
		fmt.Print(" ---: |")
	}
	fmt.Println()
}

// line has the first one's median, and the others' with how many times the first's it is.
func line(size int, took [][]time.Duration) {
	base := median(took[0])
	fmt.Printf("| %d |", size)
	for n, d := range took {
		m := median(d)
		fmt.Printf(" %s", m.Round(10*time.Microsecond))
		if n > 0 {
			fmt.Printf(" (%.2f×)", float64(m)/float64(base))
		}
		fmt.Print(" |")
	}
	fmt.Println()
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
