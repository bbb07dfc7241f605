package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/timeline"
)

// pastRun is the folder that --run names when nobody answers there: the run is over, or a
// scenario. It is "" of one that can be asked.
func pastRun(c *cli.Context) (string, error) {
	if c.String("run") == "" {
		return "", nil
	}
	dir, err := runFolder(c.String("out"), c.String("run"))
	if err != nil {
		return "", err
	}
	alive, err := control.Alive(dir)
	if alive || err != nil {
		return "", remoteError(err)
	}
	return dir, nil
}

// recorded calls f with the events of the record of dir after since.
func recorded(dir string, since uint64, f func(timeline.Event) error) error {
	file, err := os.Open(filepath.Join(dir, timeline.EventsFile))
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	defer file.Close()
	events, err := timeline.Read(file)
	if errors.Is(err, timeline.ErrTruncated) { // its devstack was killed, or is not there yet
		err = nil
	}
	for _, e := range events {
		if e.Seq <= since {
			continue
		}
		if err := f(e); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	return nil
}

// logPath finds in a run folder the log of the child called name; consul is the first agent.
func logPath(dir, name string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, timeline.LogsDir, "*.log"))
	if err != nil {
		return "", err
	}
	var names []string
	for _, file := range files {
		n := strings.TrimSuffix(filepath.Base(file), ".log")
		if n == name || name == "consul" && n == "consul-1" {
			return file, nil
		}
		names = append(names, n)
	}
	hint := didYouMean(name, names, "devstack logs ", "one of "+strings.Join(names, ", "))
	return "", control.Refuse(control.NotFound, hint, "nobody called %q writes a log", name)
}
