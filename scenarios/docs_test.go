package scenarios

import (
	"maps"
	"os"
	"reflect"
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
	return slices.Collect(maps.Keys(observations(r)["break"].AsValueMap()))
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
