package view

import (
	"errors"
	"path/filepath"

	"devstack/timeline"
)

// WriteFiles makes every file of a run folder that can be made from the record: run.json's
// readers get summary.md and junit.xml.
func WriteFiles(dir string, run timeline.Run) error {
	junit, err := JUnit(run)
	return errors.Join(err,
		timeline.WriteFile(filepath.Join(dir, timeline.SummaryFile), []byte(Summary(run))),
		timeline.WriteFile(filepath.Join(dir, timeline.JUnitFile), junit))
}
