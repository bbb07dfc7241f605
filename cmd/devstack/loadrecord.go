package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"devstack/load"
	"devstack/timeline"
)

// loadFile is what a run folder calls the report of a load.
const loadFile = "load.json"

// loadRecord is the run folder of a load: every call, what was asked for, what came of
// it. A nil one records nothing.
type loadRecord struct {
	plan *loadPlan
	sess *session
	file *os.File
	rpcs *load.Writer

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

// add writes one call. The first error is kept for close.
func (r *loadRecord) add(res load.Result) {
	if r == nil {
		return
	}
	if err := r.rpcs.Add(res); err != nil {
		r.once.Do(func() { r.err = err })
	}
}

// close completes the folder, with report if there is one, and returns err beside what
// went wrong with the record.
func (r *loadRecord) close(report *loadReport, err error) error {
	if r == nil {
		return err
	}
	err = errors.Join(err, r.err, r.rpcs.Close(), r.file.Close())
	run := timeline.Run{V: timeline.SchemaVersion, ID: filepath.Base(r.sess.Dir), Name: "load", Title: r.plan.String(),
		Started: r.sess.Log.Start().UTC(), Command: strings.Join(r.plan.args, " "), Seed: r.plan.seed, Versions: versions(),
		Host: timeline.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()}, Verdict: timeline.Inconclusive, Why: "a load has no expectations",
		Settings: map[string]string{}, Terms: []timeline.Term{}, Expectations: []timeline.Expectation{}, Waterfalls: []timeline.Waterfall{}}
	if report != nil {
		run.Seconds, run.NoiseMS = report.Seconds, report.DelayP99
		run.Totals = report.totals()
		err = errors.Join(err, timeline.WriteFile(filepath.Join(r.sess.Dir, loadFile), report.encode()))
	}
	r.sess.Log.Append(timeline.Event{Type: timeline.RunEnded, Src: "devstack", Msg: "run ended",
		D: timeline.Ended{Reason: "the load is over", Totals: run.Totals}})
	return errors.Join(err, r.sess.close(), run.Save(r.sess.Dir))
}
