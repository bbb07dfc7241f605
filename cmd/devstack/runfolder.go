package main

import (
	"os"
	"path/filepath"
	"strings"
)

// runFolder finds the run that a person means: a path, or a name below root of which a
// unique part is enough.
func runFolder(root, name string) (string, error) {
	for _, dir := range []string{name, filepath.Join(root, name)} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return filepath.EvalSymlinks(dir)
		}
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return "", usage("devstack scenario kill-node", "%w %q: %w", errNoRun, name, err)
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() && strings.Contains(e.Name(), name) {
			found = append(found, e.Name())
		}
	}
	switch len(found) {
	case 1:
		return filepath.Join(root, found[0]), nil
	case 0:
		return "", usage("ls "+root, "%w %q in %s", errNoRun, name, root)
	}
	return "", usage("one of "+strings.Join(found, ", "), "%q is in the name of %d runs", name, len(found))
}
