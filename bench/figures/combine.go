package figures

import (
	"fmt"
	"slices"
)

// Combined are the rows of several runs, each measurement and contender once.
type Combined []Pooled

// Pooled is one row of several runs: Median and Ratio are the medians of theirs, Spread the
// widest of theirs, Values all of theirs.
type Pooled struct {
	Row
	Medians []float64 // of each run
}

// Combine puts runs together. A row that only some runs have is there as well.
func Combine(runs []Results) Combined {
	var all Combined
	ratios := map[[2]string][]float64{}
	for _, r := range runs {
		for _, row := range r.Rows {
			at := slices.IndexFunc(all, func(p Pooled) bool { return p.What == row.What && p.Who == row.Who })
			if at < 0 {
				at = len(all)
				all = append(all, Pooled{Row: Row{What: row.What, Who: row.Who, Unit: row.Unit, Chance: row.Chance}})
			}
			p, key := &all[at], [2]string{row.What, row.Who}
			p.Medians, p.Values = append(p.Medians, row.Median), append(p.Values, row.Values...)
			p.Spread = max(p.Spread, row.Spread)
			ratios[key] = append(ratios[key], row.Ratio)
			p.Median, p.Ratio = Median(p.Medians), Median(ratios[key])
		}
	}
	return all
}

// RunToRun is how far the runs are apart.
func (p Pooled) RunToRun() string {
	if len(p.Medians) < 2 || p.Median == 0 || p.aroundZero() {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*Ratio(slices.Max(p.Medians)-slices.Min(p.Medians), max(p.Median, -p.Median)))
}

// Find is the row of who in a measurement.
func (c Combined) Find(what, who string) (Pooled, bool) {
	at := slices.IndexFunc(c, func(p Pooled) bool { return p.What == what && p.Who == who })
	if at < 0 {
		return Pooled{}, false
	}
	return c[at], true
}
