package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"devstack/load"
	"devstack/timeline"
)

// callRecord is the file of every call, of all clients. Its methods may be called
// concurrently.
type callRecord struct {
	file *os.File
	rpcs *load.Writer
}

func openCalls(dir string) (*callRecord, error) {
	f, err := os.Create(filepath.Join(dir, timeline.RPCsFile))
	if err != nil {
		return nil, fmt.Errorf("record calls: %w", err)
	}
	w, err := load.NewWriter(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &callRecord{file: f, rpcs: w}, nil
}

// add writes a call of that client.
func (c *callRecord) add(client string, r load.Result) {
	if client != timeline.FirstClient {
		r.Client = client
	}
	c.rpcs.Add(r) // an error stays, and comes back from close
}

func (c *callRecord) close() error { return errors.Join(c.rpcs.Close(), c.file.Close()) }
