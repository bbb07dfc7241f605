package view

import (
	"fmt"
	"strings"
)

// The grounds that the page's colours are read on.
const (
	lightGround = "#ffffff"
	darkGround  = "#0f1720"
)

// replicaColours are the identities, in the order of the replicas' numbers. None is red,
// which is failure, and each stands at least 3:1 against its ground (WCAG 1.4.11). The
// seventh replica begins again with the first colour; its name tells it apart. The last
// two are for text on the colour.
var replicaColours = [...]struct{ name, light, dark, onLight, onDark string }{
	{"blue", "#0a4ef5", "#7da3fd", "#ffffff", "#000000"},
	{"orange", "#e57200", "#ffbf5e", "#000000", "#000000"},
	{"green", "#09735a", "#18886b", "#ffffff", "#000000"},
	{"purple", "#8a1a74", "#c9149f", "#ffffff", "#ffffff"},
	{"cyan", "#249ac9", "#cfe9f5", "#000000", "#000000"},
	{"slate", "#5a646d", "#8f9aa3", "#ffffff", "#000000"},
}

// colourClass is the class of a replica's marks, "none" for a call that had no replica.
func colourClass(name string) string {
	if name == "" {
		return "none"
	}
	n := ordinal(name)
	if n < 1 || n >= 1<<20 {
		return "none"
	}
	return fmt.Sprintf("r%d", (n-1)%len(replicaColours)+1)
}

// paletteCSS gives each class its colour as --c, in light, dark and print.
func paletteCSS() string {
	var light, dark strings.Builder
	for i, c := range replicaColours {
		fmt.Fprintf(&light, ".r%d{--c:%s;--on:%s}", i+1, c.light, c.onLight)
		fmt.Fprintf(&dark, ".r%d{--c:%s;--on:%s}", i+1, c.dark, c.onDark)
	}
	return fmt.Sprintf("%s@media screen and (prefers-color-scheme:dark){%s}.none{--c:var(--soft);--on:var(--ground)}", light.String(), dark.String())
}
