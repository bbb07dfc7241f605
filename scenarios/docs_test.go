package scenarios

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"devstack/stack"
	"devstack/timeline"
)

// attributes are the names of the blocks and attributes that the shape of a file knows.
func attributes() []string {
	var names []string
	for _, shape := range []any{fileSpec{}, scenarioSpec{}, steadySpec{}, guardSpec{}, varySpec{}, predictSpec{}, stepSpec{}, injectSpec{}, expectSpec{}} {
		for field := range reflect.TypeOf(shape).Fields() {
			name, role, _ := strings.Cut(field.Tag.Get("hcl"), ",")
			if name != "" && role != "label" { // a label is written without its name
				names = append(names, name)
			}
		}
	}
	return names
}

// measured are the fields that a formula may read of a step with a fault, which has all.
func measured() []string {
	r := Record{Events: []timeline.Event{
		{T: 1, Type: timeline.ScenarioStep, D: timeline.Step{Name: "break", Phase: "inject"}},
		{T: 2, Type: timeline.FaultInjected, D: timeline.Fault{ID: 1, Kind: "kill", Step: "break", Targets: []string{"greeter-1"}}},
	}}
	fields := observations(r)["break"].AsValueMap()
	names := slices.Collect(maps.Keys(fields))
	for name := range fields["herd"].AsValueMap() {
		names = append(names, "herd."+name)
	}
	return names
}

func TestTheLanguageIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/scenario-language.md")
	if err != nil {
		t.Fatal(err)
	}
	var termNames []string
	for _, term := range terms(stack.Config{}) {
		termNames = append(termNames, term.Name)
	}
	for what, names := range map[string][]string{
		"attribute":               attributes(),
		"setting":                 slices.Collect(maps.Keys(Settings())),
		"fault":                   slices.Collect(maps.Keys(stack.Kinds())),
		"term":                    termNames,
		"target":                  targetWords,
		"function or condition":   slices.Collect(maps.Keys(functions())),
		"field of an observation": measured(),
	} {
		if len(names) == 0 {
			t.Errorf("found no %s to look for", what)
		}
		for _, name := range slices.Sorted(slices.Values(names)) {
			if !strings.Contains(string(text), "`"+name+"`") && !strings.Contains(string(text), "`"+name+"(") {
				t.Errorf("docs/scenario-language.md does not tell of the %s `%s`", what, name)
			}
		}
	}
}

// docs/defaults.md was checked in the sources of certain versions. Who raises one checks it again.
func TestDefaultsAreThoseOfTheVersionsInUse(t *testing.T) {
	page, err := os.ReadFile("../docs/defaults.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"google.golang.org/grpc", "github.com/hashicorp/consul", "github.com/hashicorp/consul/api"} {
		_, rest, found := strings.Cut(string(mod), "\t"+path+" ")
		version, _, _ := strings.Cut(rest, "\n")
		if !found || !strings.Contains(string(page), version) {
			t.Errorf("docs/defaults.md does not speak of %s %s: check its lines in that version", path, version)
		}
	}
}

// What docs/defaults.md tells one to run exists.
func TestDefaultsNameScenariosThatExist(t *testing.T) {
	page, err := os.ReadFile("../docs/defaults.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\[([a-z0-9-]+)\]\(scenarios/([a-z0-9-]+)\.md\)`).FindAllStringSubmatch(string(page), -1)
	if len(links) < 20 {
		t.Errorf("found %d links to scenarios", len(links))
	}
	for _, link := range links {
		if _, err := Find(link[1]); err != nil || link[1] != link[2] {
			t.Errorf("docs/defaults.md: %s: %v", link[0], err)
		}
	}
}

// `devstack compare NAME` needs two settings to compare.
func TestDefaultsCompareWhatCanBeCompared(t *testing.T) {
	page, err := os.ReadFile("../docs/defaults.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if !strings.Contains(line, "`devstack compare`") {
			continue
		}
		_, cell, _ := strings.Cut(line, "`devstack compare`")
		for _, link := range regexp.MustCompile(`\(scenarios/([a-z0-9-]+)\.md\)`).FindAllStringSubmatch(cell, -1) {
			s, err := Find(link[1])
			if err != nil {
				t.Fatal(err)
			}
			if _, values := s.Vary(); len(values) < 2 {
				t.Errorf("docs/defaults.md compares %s, which varies nothing", link[1])
			}
		}
	}
}
