package view

import (
	"fmt"
	"html/template"
	"maps"
	"slices"

	"devstack/timeline"
)

// A replica is known by its colour, its number and, where a number does not fit, by the
// shape of its mark. There are fewer shapes than colours, and no common divisor, so two
// replicas of one colour differ in shape.
const markShapes = 5

// shapeOf is the index of a replica's mark.
func shapeOf(name string) int {
	if n := ordinal(name); n >= 1 && n < 1<<20 {
		return (n - 1) % markShapes
	}
	return 0
}

// markClass is the class of a replica's marks: its colour and the pen of its shape.
func markClass(name string) string { return fmt.Sprintf("%s s%d", colourClass(name), shapeOf(name)+1) }

// markPath is a replica's mark at a point, as path data with one M.
func markPath(name string, x, y float64) string {
	switch shapeOf(name) {
	case 1:
		return fmt.Sprintf("M%s %sh6", coord(x-3), coord(y))
	case 2:
		return fmt.Sprintf("M%s %sv6", coord(x), coord(y-3))
	case 3:
		return fmt.Sprintf("M%s %sl4-4", coord(x-2), coord(y+2))
	case 4:
		return fmt.Sprintf("M%s %sl4 4", coord(x-2), coord(y-2))
	}
	return fmt.Sprintf("M%s %sh0", coord(x), coord(y))
}

// glyphOf is a replica's number, a dash for none.
func glyphOf(name string) string {
	if n := ordinal(name); name != "" && n < 1<<20 {
		return fmt.Sprint(n)
	}
	return "–"
}

// key is one entry of a legend: a patch of its class with a glyph on it, or a drawn sample.
type key struct {
	Class, Text, Glyph string
	Sample             template.HTML
}

// replicaLegend names the replicas that were sent calls, in order, with their numbers.
func replicaLegend(calls []timeline.Call) []key {
	var list []key
	for _, name := range replicasOf(calls) {
		list = append(list, key{Class: colourClass(name), Text: name, Glyph: glyphOf(name)})
	}
	return list
}

// markLegend names them with their marks, twice as large.
func markLegend(calls []timeline.Call) []key {
	var list []key
	for _, name := range replicasOf(calls) {
		sample := fmt.Sprintf(`<svg viewBox="-5 -5 10 10" aria-hidden="true"><path class="%s dot" d="%s"/></svg>`, markClass(name), markPath(name, 0, 0))
		list = append(list, key{Class: "sample", Text: name, Sample: template.HTML(sample)})
	}
	return list
}

func replicasOf(calls []timeline.Call) []string {
	names := map[string]bool{}
	for _, c := range calls {
		if c.Replica != "" {
			names[c.Replica] = true
		}
	}
	return slices.SortedFunc(maps.Keys(names), compareNames)
}
