package control

import (
	"fmt"
	"os"
	"path/filepath"
)

// short calls f with a name for path that fits into a socket address. The kernel knows
// every open folder under a short name, whatever its path.
func short(path string, f func(string) error) error {
	if len(path) <= maxPath {
		return f(path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return f(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)))
}
