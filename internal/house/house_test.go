// Package house keeps the rules of the house that a compiler does not. It reads the
// source files themselves, so that go test's cache knows when to ask again.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// allowed is who may import whom of ours (design: one-way imports). The command is the
// one place where all rooms meet.
var allowed = map[string][]string{
	"timeline":  {},
	"load":      {},
	"resolver":  {},
	"greeter":   {},
	"view":      {"timeline"},
	"control":   {"timeline"},
	"stack":     {"timeline", "load", "greeter", "resolver"},
	"scenarios": {"stack", "timeline", "load", "greeter", "internal"},
	"internal":  {},
}

// imported is one import of a file that is not a test.
type imported struct{ file, path string }

func imports(t *testing.T) []imported {
	t.Helper()
	var out []imported
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bench" || name == "tools" || name == "bin") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, path)
			out = append(out, imported{filepath.ToSlash(rel), p})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func top(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func TestImportsGoOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range imports(t) {
		from := top(i.file)
		seen[from] = true
		path, ours := strings.CutPrefix(i.path, "devstack/")
		if from == "cmd" || !ours {
			continue
		}
		may, known := allowed[from]
		if !known {
			t.Errorf("%s is in a room that the house does not know", i.file)
		}
		if to := top(path); to != from && !slices.Contains(may, to) {
			t.Errorf("%s imports %s", i.file, i.path)
		}
	}
	for name := range allowed {
		if !seen[name] && name != "internal" {
			t.Errorf("room %s is gone; take it off the list", name)
		}
	}
}

// A change in any room but the command must build and test in seconds: nothing else links
// the Consul agent.
func TestOnlyTheCommandLinksConsul(t *testing.T) {
	const consul = "github.com/hashicorp/consul/"
	linked := false
	for _, i := range imports(t) {
		rest, ok := strings.CutPrefix(i.path, consul)
		if !ok || top(rest) == "api" {
			continue
		}
		linked = true
		if top(i.file) != "cmd" {
			t.Errorf("%s imports %s", i.file, i.path)
		}
	}
	if !linked {
		t.Error("nothing imports the Consul agent any more: this test looks for the wrong package")
	}
}

// The resolver is a library for anybody: the standard library, grpc and consul/api. Only
// who imports its metrics gets Prometheus, too.
func TestResolverStandsAlone(t *testing.T) {
	for _, i := range imports(t) {
		if top(i.file) != "resolver" || !strings.Contains(top(i.path), ".") {
			continue
		}
		may := []string{"google.golang.org/grpc", "github.com/hashicorp/consul/api"}
		if strings.HasPrefix(i.file, "resolver/metrics/") {
			may = append(may, "github.com/prometheus/client_golang")
		}
		if !slices.ContainsFunc(may, func(prefix string) bool { return strings.HasPrefix(i.path, prefix) }) {
			t.Errorf("%s imports %s", i.file, i.path)
		}
	}
}
