// Package figures keeps what was measured: rows of contenders, their medians and ratios.
package figures

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
)

// Results is one run of the benchmarks, as the JSON file has it.
type Results struct {
	Machine Machine `json:"machine"`
	Rounds  int     `json:"rounds"`
	Each    string  `json:"each"` // time that a load generator makes calls in
	Rows    []Row   `json:"rows"`
}

// Machine is where it was measured, without its name.
type Machine struct {
	CPU        string `json:"cpu"`
	CPUs       int    `json:"cpus"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Go         string `json:"go"`
	Commit     string `json:"commit"`
	LoadBefore string `json:"load_average_before"` // over the last minute; "" where there is none
	LoadAfter  string `json:"load_average_after"`
}

// Row is one contender in one measurement.
type Row struct {
	What   string    `json:"what"`
	Who    string    `json:"who"`
	Unit   string    `json:"unit"`
	Median float64   `json:"median"`
	Spread float64   `json:"spread_percent"` // (max − min)/median
	Ratio  float64   `json:"ratio"`          // devstack's median divided by this one's; 0: nothing to compare
	Values []float64 `json:"values"`         // in the order of the rounds
	Chance bool      `json:"chance"`         // many repetitions that spread by nature, not because the machine was busy
}

// Trusted is the spread in percent up to which medians are worth a comparison.
const Trusted = 20

// Doubtful reports whether r's spread says that the machine was busy.
func (r Row) Doubtful() bool { return !r.Chance && !r.aroundZero() && r.Spread > Trusted }

// aroundZero is true of a difference that is next to nothing: a part of it says nothing.
func (r Row) aroundZero() bool { return r.At(0) <= 0 && r.At(1) > 0 }

// Apart is how far the rounds of a run are apart, "–" where that cannot be said.
func (r Row) Apart() string {
	if r.aroundZero() {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", r.Spread)
}

// At is the value that a part p of r's values, from 0 to 1, do not exceed.
func (r Row) At(p float64) float64 {
	v := slices.Sorted(slices.Values(r.Values))
	if len(v) == 0 {
		return 0
	}
	n := int(math.Ceil(p * float64(len(v))))
	return v[min(max(n, 1), len(v))-1]
}

// Samples are values by contender. The zero value is ready.
type Samples struct {
	who    []string
	values map[string][]float64
}

// Add notes a value of who.
func (s *Samples) Add(who string, values ...float64) {
	if s.values == nil {
		s.values = map[string][]float64{}
	}
	if _, ok := s.values[who]; !ok {
		s.who = append(s.who, who)
	}
	s.values[who] = append(s.values[who], values...)
}

// Rows are the medians, in the order in which contenders came; ours is the one that the
// others are compared with.
func (s *Samples) Rows(what, unit, ours string) []Row {
	var rows []Row
	for _, who := range s.who {
		v := s.values[who]
		if len(v) == 0 {
			continue
		}
		rows = append(rows, Row{What: what, Who: who, Unit: unit, Median: Median(v), Values: v,
			Spread: 100 * Ratio(slices.Max(v)-slices.Min(v), math.Abs(Median(v))), Ratio: Ratio(Median(s.values[ours]), Median(v))})
	}
	return rows
}

// Ratio is 0 where there is nothing to divide by: no calls failed, say.
func Ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Median of no values is 0.
func Median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	switch n := len(v); {
	case n == 0:
		return 0
	case n%2 == 0:
		return (v[n/2-1] + v[n/2]) / 2
	default:
		return v[n/2]
	}
}

// Save writes r to a file.
func (r Results) Save(path string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode results: %w", err)
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// Read reads what Save wrote.
func Read(path string) (Results, error) {
	var r Results
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read results %s: %w", path, err)
	}
	return r, nil
}
