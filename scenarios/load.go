package scenarios

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

//go:embed *.hcl
var builtin embed.FS

// Scenario is one story, checked and ready to run. It does not change.
type Scenario struct {
	Name, Title, Lesson, Watch, Docs string
	Tier                             int
	Teaches                          []string
	Source                           []byte // the file it is in
	File                             string

	spec     *scenarioSpec
	settings map[string]string // from topology and load
}

// Vary returns the setting that the scenario compares and its values, if it names one.
func (s *Scenario) Vary() (setting string, values []string) {
	if s.spec.Vary == nil {
		return "", nil
	}
	return s.spec.Vary.Setting, s.spec.Vary.Values
}

// ErrUnknown is what a name meets that no built-in scenario has.
var ErrUnknown = errors.New("unknown scenario")

// List returns all built-in scenarios by name.
func List() ([]*Scenario, error) {
	names, err := builtin.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var out []*Scenario
	for _, n := range names {
		src, err := builtin.ReadFile(n.Name())
		if err != nil {
			return nil, err
		}
		list, err := Parse(src, n.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b *Scenario) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Asks reports whether there is something to predict.
func (s *Scenario) Asks() bool { return s.spec.Predict != nil }

// Find returns the built-in scenario of that name.
func Find(name string) (*Scenario, error) {
	all, err := List()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("%w %q%s", ErrUnknown, name, nearest(name, names))
}

// ParseFile reads the scenarios of a file that a user wrote.
func ParseFile(path string) ([]*Scenario, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	return Parse(src, path)
}

// Parse reads and checks the scenarios in src. The error is a Diagnostics that holds
// every problem found, each with its place.
func Parse(src []byte, filename string) ([]*Scenario, error) {
	parse := hclparse.NewParser().ParseHCL
	if filepath.Ext(filename) == ".json" {
		parse = hclparse.NewParser().ParseJSON
	}
	file, diags := parse(src, filename)
	if diags.HasErrors() {
		return nil, Diagnostics(diags)
	}
	var spec fileSpec
	diags = append(diags, gohcl.DecodeBody(file.Body, staticContext(), &spec)...)
	var out []*Scenario // what could be decoded is checked all the same: one run tells all mistakes
	for _, sp := range spec.Scenarios {
		s, more := newScenario(sp, src, filename)
		diags = append(diags, more...)
		out = append(out, s)
	}
	if len(out) == 0 && !diags.HasErrors() {
		diags = append(diags, problem(hcl.Range{Filename: filename, Start: hcl.InitialPos, End: hcl.InitialPos}, "no scenario", `The file holds no scenario "name" { … } block.`))
	}
	if diags.HasErrors() {
		slices.SortStableFunc(diags, byPlace)
		return nil, Diagnostics(diags)
	}
	return out, nil
}

// byPlace is the order in which one reads a file.
func byPlace(a, b *hcl.Diagnostic) int {
	if a.Subject == nil || b.Subject == nil {
		return 0
	}
	return cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte)
}

func newScenario(sp *scenarioSpec, src []byte, filename string) (*Scenario, hcl.Diagnostics) {
	s := &Scenario{
		Name: sp.Name, Title: sp.Title, Lesson: strings.TrimSpace(sp.Lesson), Watch: strings.TrimSpace(sp.Watch), Docs: sp.Docs,
		Tier: max(sp.Tier, 1), Teaches: sp.Teaches, Source: src, File: filename, spec: sp, settings: map[string]string{},
	}
	var diags hcl.Diagnostics
	for _, attrs := range []hcl.Attributes{sp.Topology.settings(), sp.Load.settings()} {
		diags = append(diags, s.readSettings(attrs)...)
	}
	diags = append(diags, s.check()...)
	return s, diags
}

func (t *topologySpec) settings() hcl.Attributes {
	if t == nil {
		return nil
	}
	return t.Settings
}

func (l *loadSpec) settings() hcl.Attributes {
	if l == nil {
		return nil
	}
	return l.Settings
}

// readSettings takes each attribute as text, checked by applying it alone.
func (s *Scenario) readSettings(attrs hcl.Attributes) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		attr := attrs[name]
		v, more := attr.Expr.Value(staticContext())
		if diags = append(diags, more...); more.HasErrors() {
			continue
		}
		text, err := convert.Convert(v, cty.String)
		if err != nil || text.IsNull() {
			diags = append(diags, problem(attr.Expr.Range(), "unusable setting", fmt.Sprintf("%s needs one value.", name)))
			continue
		}
		if _, err := configure(map[string]string{name: text.AsString()}); err != nil {
			diags = append(diags, problem(attr.Range, "unusable setting", err.Error()))
			continue
		}
		s.settings[name] = text.AsString()
	}
	return diags
}

func problem(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at}
}

// Diagnostics is every problem of a file, one a line: file:line:column: what.
type Diagnostics hcl.Diagnostics

func (d Diagnostics) Error() string {
	var lines []string
	for _, p := range d {
		at := ""
		if p.Subject != nil {
			at = fmt.Sprintf("%s:%d:%d: ", p.Subject.Filename, p.Subject.Start.Line, p.Subject.Start.Column)
		}
		text := strings.TrimSuffix(p.Summary, ".")
		text = strings.ToLower(text[:1]) + text[1:]
		if p.Detail != "" {
			text += ": " + p.Detail
		}
		lines = append(lines, at+text)
	}
	return strings.Join(lines, "\n")
}

func parseDuration(text string, otherwise time.Duration) (time.Duration, error) {
	if text == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("%s is negative", text)
	}
	return d, err
}
