//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// While the screen is drawn nothing that this process says to its standard error can tear
// it, whoever says it; afterwards standard error is where it was.
func TestStandardErrorIsKeptOffTheScreen(t *testing.T) {
	dir := t.TempDir()
	outer, inner := filepath.Join(dir, "outer"), filepath.Join(dir, "inner")
	restore, err := divertStderr(outer) // stands for the terminal
	if err != nil {
		t.Fatal(err)
	}
	back, err := divertStderr(inner)
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr.WriteString("stray\n")
	if err := back(); err != nil {
		t.Error(err)
	}
	os.Stderr.WriteString("after\n")
	if err := restore(); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]string{outer: "after\n", inner: "stray\n"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, want %q, %v", filepath.Base(path), got, want, err)
		}
	}
}
