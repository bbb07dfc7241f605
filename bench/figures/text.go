package figures

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
)

// Print writes r as a table for a terminal.
func (r Results) Print(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "%s; load average %s before, %s after; %d rounds, calls for %s\n\n", m, m.LoadBefore, m.LoadAfter, r.Rounds, r.Each)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "measurement\tcontender\tmedian\tunit\tspread\tdevstack ÷ it")
	last := ""
	for _, x := range r.Rows {
		what := x.What
		if what == last {
			what = ""
		}
		last = x.What
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", what, x.Who, Digits(x.Median), x.Unit, x.spread(), Times(x.Ratio))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if slices.ContainsFunc(r.Rows, Row.Doubtful) {
		fmt.Fprintf(w, "\nA spread above %d %% means that the machine was busy: do not compare those rows, run it again.\n", Trusted)
	}
	return nil
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d CPUs, %s/%s, %s; commit %s", m.CPU, m.CPUs, m.OS, m.Arch, m.Go, m.Commit)
}

// spread is the width of the values: in percent where rounds repeat one measurement, as
// quantiles where they sample a distribution.
func (r Row) spread() string {
	if r.Chance {
		return fmt.Sprintf("%s to %s, p90 %s, n %d", Digits(r.At(0)), Digits(r.At(1)), Digits(r.At(0.9)), len(r.Values))
	}
	return r.Apart()
}

// Times is a ratio, "–" where there is none.
func Times(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v < 0.1:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	return fmt.Sprintf("%.2f", v)
}

// Digits is v with three digits that count, and never less than it has before the point.
func Digits(v float64) string {
	places := 3
	for at := 1.0; at <= max(v, -v) && places > 0; at *= 10 {
		places--
	}
	if v == float64(int64(v)) {
		places = 0
	}
	return strconv.FormatFloat(v, 'f', places, 64)
}
