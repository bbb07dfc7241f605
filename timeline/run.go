package timeline

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The files of a run folder.
const (
	RunFile      = "run.json"
	EventsFile   = "events.ndjson"
	RPCsFile     = "rpcs.ndjson.gz"
	FaultsFile   = "faults.ndjson"
	JUnitFile    = "junit.xml"
	SummaryFile  = "summary.md"
	ReportFile   = "report.html"
	ScenarioFile = "scenario.hcl"
	LogsDir      = "logs"
)

// Run is run.json: what was run, where, and how it was judged. Everything else in a
// run folder can be made again from it, the events and the RPCs.
type Run struct {
	V            int               `json:"v"`
	ID           string            `json:"id"`   // name of the folder
	Name         string            `json:"name"` // of the scenario, or "up"
	Title        string            `json:"title,omitempty"`
	Lesson       string            `json:"lesson,omitempty"`
	Teaches      []string          `json:"teaches,omitempty"`
	Started      time.Time         `json:"started"`
	Seconds      float64           `json:"seconds"`
	Seed         uint64            `json:"seed"`
	Command      string            `json:"command"` // what to type to do it again
	Versions     map[string]string `json:"versions"`
	Host         Host              `json:"host"`
	Settings     map[string]string `json:"settings"` // the resolved set-up, every knob
	Terms        []Term            `json:"terms"`    // what formulas may use
	Verdict      Verdict           `json:"verdict"`
	Why          string            `json:"why,omitempty"`
	Expectations []Expectation     `json:"expectations"`
	Prediction   *Prediction       `json:"prediction,omitempty"` // what a person said beforehand, if one was asked
	Waterfalls   []Waterfall       `json:"waterfalls"`
	Totals       Totals            `json:"totals"`
	NoiseMS      float64           `json:"noise_ms"` // p99 delay of a timer on this machine during the run
}

// Host is the machine of a run, without its name.
type Host struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
}

// Save writes run.json into dir, whole or not at all.
func (r Run) Save(dir string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", RunFile, err)
	}
	return WriteFile(filepath.Join(dir, RunFile), append(b, '\n'))
}

// WriteFile writes path through a temporary file beside it, so that a reader sees the
// old content or the new one, never a half.
func WriteFile(path string, b []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// LoadRun reads the run.json of dir.
func LoadRun(dir string) (Run, error) {
	b, err := os.ReadFile(filepath.Join(dir, RunFile))
	if err != nil {
		return Run{}, err
	}
	var r Run
	if err := json.Unmarshal(b, &r); err != nil {
		return Run{}, fmt.Errorf("read %s: %w", filepath.Join(dir, RunFile), err)
	}
	if r.V > SchemaVersion {
		return Run{}, fmt.Errorf("read %s: schema version %d is newer than this devstack's %d", filepath.Join(dir, RunFile), r.V, SchemaVersion)
	}
	return r, nil
}
