//go:build !linux

package control

import (
	"fmt"
	"os"
	"path/filepath"
)

// short calls f with a name for path that fits into a socket address: path, or the way to
// it from the working directory.
func short(path string, f func(string) error) error {
	if len(path) <= maxPath {
		return f(path)
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil && len(rel) <= maxPath {
			return f(rel)
		}
	}
	return fmt.Errorf("%s is too long for a socket (at most %d bytes); choose a shorter --out DIR", path, maxPath)
}
