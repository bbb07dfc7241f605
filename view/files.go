package view

import (
	"bytes"
	"errors"
	"path/filepath"

	"devstack/timeline"
)

// WriteFiles makes every file of a run folder that can be made from the record: run.json's
// readers get summary.md, junit.xml and report.html. One that cannot be made does not keep
// back the others. player is what the report holds.
func WriteFiles(dir string, run timeline.Run, events []timeline.Event, calls []timeline.Call, player Player) error {
	junit, err := JUnit(run)
	var page bytes.Buffer
	return errors.Join(err,
		timeline.WriteFile(filepath.Join(dir, timeline.SummaryFile), []byte(Summary(run))),
		timeline.WriteFile(filepath.Join(dir, timeline.JUnitFile), junit),
		Report(&page, run, events, calls, player),
		timeline.WriteFile(filepath.Join(dir, timeline.ReportFile), page.Bytes()))
}
