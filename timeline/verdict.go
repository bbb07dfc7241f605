package timeline

import "slices"

// Verdict is the outcome of an expectation or of a run.
type Verdict string

// The verdicts. Inconclusive means that the experiment did not happen as written: the
// steady state never came, the fault did not take, or the machine was too busy to tell.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
)

// Worst is the verdict over several: one failure makes a failure, else one
// inconclusive makes all inconclusive. No verdict at all is inconclusive.
func Worst(vs ...Verdict) Verdict {
	switch {
	case slices.Contains(vs, Fail):
		return Fail
	case len(vs) == 0 || slices.Contains(vs, Inconclusive):
		return Inconclusive
	}
	return Pass
}

// Expectation is one judged sentence of a scenario. Formula is the bound as its author
// wrote it; Terms are the values it was computed from; Of is what was observed, also as
// written. Bound and Observed are numbers in Unit ("s", "RPC", …).
type Expectation struct {
	Name     string  `json:"name"`
	Kind     string  `json:"kind"` // within, max, min, always, never
	Of       string  `json:"of"`
	Formula  string  `json:"formula,omitempty"`
	Terms    []Term  `json:"terms,omitempty"`
	Bound    float64 `json:"bound"`
	Observed float64 `json:"observed"`
	Missing  bool    `json:"missing,omitempty"` // it never happened, so Observed means nothing
	Unit     string  `json:"unit,omitempty"`
	Verdict  Verdict `json:"verdict"`
	Why      string  `json:"why,omitempty"`
	At       float64 `json:"at,omitempty"` // the moment it speaks of, 0 for the whole run
}

// Term is one named value in a formula.
type Term struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
}
