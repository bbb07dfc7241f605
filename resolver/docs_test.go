package resolver

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The README's table has every parameter with all its spellings, and no other.
func TestREADMEHasEveryParameter(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (.*?) ?\\| ")
	got := map[string][]string{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		got[m[1]] = strings.Fields(strings.NewReplacer("`", "", ",", " ").Replace(m[2]))
	}
	for _, p := range params {
		aliases, ok := got[p.name]
		if !ok || !slices.Equal(aliases, p.aliases) {
			t.Errorf("parameter %s, also as %v, stands in the table as %v", p.name, p.aliases, aliases)
		}
		delete(got, p.name)
	}
	for name := range got {
		t.Errorf("the table has %s, which is no parameter", name)
	}
}

// The package documentation lists every parameter, and no other.
func TestPackageDocumentationHasEveryParameter(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z-]+)=`).FindAllStringSubmatch(string(page), -1) {
		got = append(got, m[1])
	}
	for _, p := range params {
		want = append(want, p.name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("documented %v\nhave %v", got, want)
	}
}
