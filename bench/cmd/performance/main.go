// Command performance writes the tables of docs/performance.md from the results of some
// runs of the benchmarks.
package main

import (
	"fmt"
	"os"
	"strings"

	"devstack/bench/figures"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "performance: need result files, which make bench writes")
		os.Exit(2)
	}
	var runs []figures.Results
	for _, path := range os.Args[1:] {
		r, err := figures.Read(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, "performance:", err)
			os.Exit(1)
		}
		runs = append(runs, r)
	}
	all := figures.Combine(runs)
	fmt.Print(head(runs), goalTable(all), figureTable(all), distributionTable(all))
}

// head says where the figures are from.
func head(runs []figures.Results) string {
	first := runs[0]
	var loads []string
	for _, r := range runs {
		said := r.Machine.LoadBefore + " and " + r.Machine.LoadAfter
		if r.Machine.Commit != first.Machine.Commit {
			said += " (at commit " + r.Machine.Commit + ")"
		}
		loads = append(loads, said)
	}
	return fmt.Sprintf("## The figures\n\n%s. %s of %s; a load generator makes calls for %s.\n"+
		"Load average over the last minute, before and after each run: %s.\n\n",
		first.Machine, plural(len(runs), "run", "runs"), plural(first.Rounds, "round", "rounds"), first.Each, strings.Join(loads, ", "))
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func figureTable(all figures.Combined) string {
	var b strings.Builder
	b.WriteString("| measurement | contender | median | unit | in a run | run to run | devstack ÷ it |\n| --- | --- | ---: | --- | ---: | ---: | ---: |\n")
	last, busy := "", false
	for _, r := range all {
		if r.Chance {
			continue
		}
		what := r.What
		if what == last {
			what = ""
		}
		last = r.What
		mark := ""
		if r.Doubtful() {
			mark, busy = " ⚠", true
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s%s | %s | %s |\n", what, r.Who, figures.Digits(r.Median), r.Unit, r.Apart(), mark, r.RunToRun(), figures.Times(r.Ratio))
	}
	if busy {
		fmt.Fprintf(&b, "\n⚠: the rounds of a run are more than %d %% apart; do not compare these.\n", figures.Trusted)
	}
	b.WriteString("\n")
	return b.String()
}

// distributionTable has what spreads by nature, the values of all runs together.
func distributionTable(all figures.Combined) string {
	var b strings.Builder
	b.WriteString("Over many kills, all runs together:\n\n| measurement | resolver | min | p50 | p90 | max | unit | kills |\n| --- | --- | ---: | ---: | ---: | ---: | --- | ---: |\n")
	last := ""
	for _, r := range all {
		if !r.Chance {
			continue
		}
		what := r.What
		if what == last {
			what = ""
		}
		last = r.What
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %d |\n", what, r.Who,
			figures.Digits(r.At(0)), figures.Digits(r.At(0.5)), figures.Digits(r.At(0.9)), figures.Digits(r.At(1)), r.Unit, len(r.Values))
	}
	return b.String()
}
