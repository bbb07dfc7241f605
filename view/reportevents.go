package view

import (
	"fmt"
	"slices"
	"strings"

	"devstack/timeline"
)

// mostEvents keeps a long run's page small; the record has them all.
const mostEvents = 600

// moment is one event as a row.
type moment struct {
	T, Src, Msg string
	Sev         timeline.Sev
}

// moments are the events that have a sentence, the first mostEvents of them, and how many
// there were. Failed calls have a figure of their own.
func moments(events []timeline.Event) (rows []moment, total int) {
	told := slices.DeleteFunc(slices.Clone(events), func(e timeline.Event) bool {
		return e.Msg == "" || quiet[e.Type] || e.Type == timeline.TrafficTick || e.Type == timeline.RPCFailed
	})
	for _, e := range FoldStalls(told) {
		if total++; total <= mostEvents {
			rows = append(rows, moment{fmt.Sprintf("%.3f s", e.T), e.Src, strings.TrimSpace(e.Msg), e.Sev})
		}
	}
	return rows, total
}
