package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

// results is everything, as the JSON file has it.
type results struct {
	Machine machine `json:"machine"`
	Rounds  int     `json:"rounds"`
	Each    string  `json:"each"`
	Rows    []row   `json:"rows"`
}

// trusted is the spread in percent up to which medians are worth a comparison.
const trusted = 20

// row is one contender in one measurement.
type row struct {
	What   string    `json:"what"`
	Who    string    `json:"who"`
	Unit   string    `json:"unit"`
	Median float64   `json:"median"`
	Spread float64   `json:"spread_percent"` // (max − min)/median
	Ratio  float64   `json:"ratio"`          // devstack's median divided by this one's
	Values []float64 `json:"values"`         // in the order of the rounds
	Chance bool      `json:"chance"`         // spreads by nature, not because the machine was busy
}

// samples are values by contender.
type samples struct {
	who    []string
	values map[string][]float64
}

func newSamples() *samples { return &samples{values: map[string][]float64{}} }

func (s *samples) add(who string, v float64) {
	if _, ok := s.values[who]; !ok {
		s.who = append(s.who, who)
	}
	s.values[who] = append(s.values[who], v)
}

// rows are the medians; ours is the contender that the others are compared with.
func (s *samples) rows(what, unit, ours string) []row {
	var rows []row
	for _, who := range s.who {
		v := s.values[who]
		rows = append(rows, row{What: what, Who: who, Unit: unit, Median: median(v), Values: v,
			Spread: 100 * ratio(slices.Max(v)-slices.Min(v), median(v)), Ratio: ratio(median(s.values[ours]), median(v))})
	}
	return rows
}

// ratio is 0 where there is nothing to divide by: no calls failed, say.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func (r results) save(path string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

func (r results) print(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "%s, %d CPUs, %s/%s, %s; commit %s; load average %s before, %s after; %d rounds of %s\n\n",
		m.CPU, m.CPUs, m.OS, m.Arch, m.Go, m.Commit, m.LoadBefore, m.LoadAfter, r.Rounds, r.Each)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "measurement\tcontender\tmedian\tunit\tspread\tdevstack ÷ it")
	last := ""
	for _, x := range r.Rows {
		what := x.What
		if what == last {
			what = ""
		}
		last = x.What
		fmt.Fprintf(t, "%s\t%s\t%.1f\t%s\t%.0f %%\t%.2f\n", what, x.Who, x.Median, x.Unit, x.Spread, x.Ratio)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if noisy := slices.ContainsFunc(r.Rows, func(x row) bool { return x.Spread > trusted && !x.Chance }); noisy {
		_, err := fmt.Fprintf(w, "\nA spread above %d %% means that the machine was busy: do not compare those rows, run it again.\n", trusted)
		return err
	}
	return nil
}
