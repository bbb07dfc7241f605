package timeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// DefaultRoot is where run folders go unless somebody says otherwise.
const DefaultRoot = ".devstack/runs"

// NewFolder makes a fresh run folder, <root>/<utc>-<name>-<id>, with its logs folder, and
// points <root>/latest at it. The result is an absolute path.
func NewFolder(root, name string, now time.Time) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", fmt.Errorf("make a run folder: %w", err)
	}
	id := fmt.Sprintf("%s-%s-%04x", now.UTC().Format("20060102T150405Z"), name, rand.Uint32()&0xffff)
	dir := filepath.Join(root, id)
	if err := os.MkdirAll(filepath.Join(dir, LogsDir), 0o755); err != nil {
		return "", fmt.Errorf("make a run folder: %w", err)
	}
	link := filepath.Join(root, "latest")
	tmp := link + "." + id
	// A link of ours is replaced in one step; without links, as on some shares, the folder is still good.
	if os.Symlink(id, tmp) == nil && os.Rename(tmp, link) != nil {
		os.Remove(tmp)
	}
	return dir, nil
}
