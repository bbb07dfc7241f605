package view

import (
	"math"

	"devstack/timeline"
)

// newFall gives each mark a bar on a logarithmic axis from a tenth of a millisecond to the
// last mark: the news of one fault takes from microseconds to seconds.
func newFall(w timeline.Waterfall) fall {
	const least = 0.1
	most := least
	for _, m := range w.Told() {
		if m.MS != nil {
			most = max(most, *m.MS)
		}
	}
	f := fall{Waterfall: w}
	for _, m := range w.Told() {
		row := fallRow{ID: m.ID, Name: m.Name, After: "not seen"}
		if m.MS != nil {
			row.After = Millis(*m.MS)
			row.Width = 100
			if most > least {
				row.Width = max(1, 100*math.Log(max(*m.MS, least)/least)/math.Log(most/least))
			}
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}
