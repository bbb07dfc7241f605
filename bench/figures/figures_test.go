package figures

import (
	"path/filepath"
	"testing"
)

// samplesOf has ours at twice what theirs takes.
func samplesOf(values ...float64) []Row {
	var s Samples
	for _, v := range values {
		s.Add("ours", 2*v)
		s.Add("theirs", v)
	}
	return s.Rows("a thing", "ms", "ours")
}

func TestRows(t *testing.T) {
	rows := samplesOf(3, 1, 2)
	if len(rows) != 2 || rows[0].Who != "ours" || rows[1].Who != "theirs" {
		t.Fatalf("%+v", rows)
	}
	if r := rows[1]; r.Median != 2 || r.Ratio != 2 || r.Spread != 100 || !r.Doubtful() {
		t.Errorf("%+v, want a median of 2, half of ours, and as far apart as that", r)
	}
	if r := (Row{Values: []float64{10, 1, 2, 3, 4, 5, 6, 7, 8, 9}}); r.At(0) != 1 || r.At(0.25) != 3 || r.At(0.5) != 5 || r.At(0.9) != 9 || r.At(1) != 10 {
		t.Errorf("quantiles of 1 to 10: %v %v %v %v %v", r.At(0), r.At(0.25), r.At(0.5), r.At(0.9), r.At(1))
	}
	var none Samples
	none.Add("ours")
	if rows := none.Rows("a thing", "ms", "ours"); len(rows) != 0 {
		t.Errorf("without a value: %+v", rows)
	}
}

func TestRunsCombine(t *testing.T) {
	var runs []Results
	for i, rows := range [][]Row{samplesOf(1, 1, 1), samplesOf(2, 2, 2), append(samplesOf(3, 3, 3), Row{What: "another", Who: "ours", Median: 7})} {
		path := filepath.Join(t.TempDir(), "run.json")
		if err := (Results{Rounds: i, Rows: rows}).Save(path); err != nil {
			t.Fatal(err)
		}
		r, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	all := Combine(runs)
	p, ok := all.Find("a thing", "theirs")
	if !ok || p.Median != 2 || p.Ratio != 2 || len(p.Values) != 9 || p.RunToRun() != "100 %" {
		t.Errorf("%+v, %s apart", p, p.RunToRun())
	}
	if p, ok := all.Find("another", "ours"); !ok || p.Median != 7 || p.RunToRun() != "–" {
		t.Errorf("what one run has: %+v", p)
	}
	if _, ok := all.Find("a thing", "nobody"); ok || len(all) != 3 {
		t.Errorf("%d rows", len(all))
	}
}

func TestDigits(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 5: "5", 0.1234: "0.123", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 12345.6: "12346", -0.5: "-0.500"} {
		if got := Digits(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

// A percentage of next to nothing is no news.
func TestADifferenceAroundZeroHasNoSpread(t *testing.T) {
	r := Row{Spread: 600_000, Values: []float64{-0.25, 0, 0.5}}
	if r.Doubtful() || r.Apart() != "–" {
		t.Errorf("doubtful %v, apart %s", r.Doubtful(), r.Apart())
	}
	p := Pooled{Row: r, Medians: []float64{-0.01, 0.02}}
	p.Median = 0.005
	if p.RunToRun() != "–" {
		t.Errorf("run to run %s", p.RunToRun())
	}
	if r.Values = []float64{0.1, 0.7}; !r.Doubtful() || r.Apart() == "–" {
		t.Error("a difference that is there has no spread")
	}
}
