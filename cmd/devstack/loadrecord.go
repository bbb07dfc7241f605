package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"devstack/load"
	"devstack/timeline"
	"devstack/view"
)

// loadFile is what a run folder calls how a load went over time.
const loadFile = "load.json"

// loadRecord is the run folder of a load: what was asked for, what came of it, how it went
// second by second, and its calls one by one as far as there is room. A nil one records
// nothing.
type loadRecord struct {
	plan   *loadPlan
	sess   *session
	file   *os.File
	rpcs   *load.Writer
	budget budget
	series series

	once sync.Once
	err  error
}

func newLoadRecord(p *loadPlan) (*loadRecord, error) {
	if p.norecord {
		return nil, nil
	}
	sess, err := newSession(p.out, "load", time.Now())
	if err != nil {
		return nil, err
	}
	r := &loadRecord{plan: p, sess: sess}
	sess.Log.Append(timeline.Event{Type: timeline.RunStarted, Src: "devstack", Msg: "run load started", D: timeline.Started{
		Wall: sess.Log.Start().UTC().Format(time.RFC3339Nano), Name: "load", Args: p.args[1:], PID: os.Getpid(),
		Versions: versions(), Seed: p.seed,
	}})
	if r.file, err = os.Create(filepath.Join(sess.Dir, load.FileName)); err == nil {
		r.rpcs, err = load.NewWriter(r.file)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record calls: %w", err), sess.close())
	}
	return r, nil
}

func (r *loadRecord) dir() string {
	if r == nil {
		return ""
	}
	return r.sess.Dir
}

// add counts one call, and writes it when there is room. The first error is kept for close.
func (r *loadRecord) add(res load.Result) {
	if r == nil {
		return
	}
	r.series.add(res)
	if !r.budget.take(res.Done, res.Code == codes.OK) {
		return
	}
	if err := r.rpcs.Add(res); err != nil {
		r.once.Do(func() { r.err = err })
	}
}

// close completes the folder, with what was measured if anything was, and returns err
// beside what went wrong with the record.
func (r *loadRecord) close(m measured, err error) error {
	if r == nil {
		return err
	}
	err = errors.Join(err, r.err, r.rpcs.Close(), r.file.Close())
	result := newLoadResult(m)
	totals := loadTotals(result)
	r.sess.Log.Append(timeline.Event{Type: timeline.RunEnded, Src: "devstack", Msg: "run ended",
		D: timeline.Ended{Reason: "the load is over", Totals: totals}})
	err = errors.Join(err, r.sess.close())
	run := view.LoadRun{Load: &result, Run: timeline.Run{
		V: timeline.SchemaVersion, ID: filepath.Base(r.sess.Dir), Name: "load", Title: r.plan.String(),
		Started: r.sess.Log.Start().UTC(), Seconds: result.Seconds, Seed: r.plan.seed,
		Command: strings.Join(r.plan.args, " "), Versions: versions(), Host: timeline.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()},
		Settings: r.plan.settings(), Terms: []timeline.Term{}, Verdict: timeline.Inconclusive, Why: "a load has no expectations",
		Expectations: []timeline.Expectation{}, Waterfalls: []timeline.Waterfall{}, Totals: totals, NoiseMS: result.DelayP99,
	}}
	series := r.fold(m)
	return errors.Join(err, writeJSON(filepath.Join(r.sess.Dir, timeline.RunFile), run),
		writeJSON(filepath.Join(r.sess.Dir, loadFile), series), view.WriteLoadFiles(r.sess.Dir, run, series))
}

// fold is how the load went.
func (r *loadRecord) fold(m measured) view.LoadSeries {
	if r.plan.pace.open() {
		schedule := r.plan.pace.make()
		for n := range m.stats.Sent + m.stats.Unsent {
			due, ok := schedule.When(n)
			if !ok {
				break
			}
			r.series.offer(due)
		}
	}
	s := view.LoadSeries{V: 1, Bins: r.series.fold(m.elapsed), Curve: loadCurve(m.metrics)}
	s.Recorded, s.Dropped = r.budget.counts()
	return s
}

// loadCurve is the distribution at the same distances on an axis of nines: from p0, in
// twenty steps for each of them, to p99.99.
func loadCurve(m *load.Metrics) []view.LoadPoint {
	due, served := m.Histograms()
	if due.TotalCount() == 0 {
		return nil
	}
	var curve []view.LoadPoint
	for _, p := range view.NinesAxis() {
		at := view.LoadPoint{Percentile: p, FromDue: millis(time.Duration(due.ValueAtPercentile(p))), FromSend: millis(time.Duration(served.ValueAtPercentile(p)))}
		curve = append(curve, at)
	}
	return curve
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", filepath.Base(path), err)
	}
	return timeline.WriteFile(path, append(b, '\n'))
}

// readLoad reads the folder of a load; ok is false when it is another run's.
func readLoad(dir string) (run view.LoadRun, series view.LoadSeries, ok bool, err error) {
	if err := readJSON(filepath.Join(dir, timeline.RunFile), &run); err != nil || run.Load == nil {
		return run, series, false, err
	}
	return run, series, true, readJSON(filepath.Join(dir, loadFile), &series)
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", shown(path), err)
	}
	return nil
}

// refuseLoad is the error for a command that needs something other than a load's folder, nil
// for any other folder.
func refuseLoad(dir, command, needs string) error {
	if _, _, ok, _ := readLoad(dir); !ok {
		return nil // whatever else is wrong with it, the command itself says better
	}
	return usage("open "+shown(filepath.Join(dir, timeline.ReportFile)), "%s is the run of a load: %s needs %s", shown(dir), command, needs)
}
