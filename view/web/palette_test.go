package web

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	variable = regexp.MustCompile(`--(\w+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));`)
	identity = regexp.MustCompile(`\{"(\w+)", "(#\w{6})", "(#\w{6})", "(#\w{6})", "(#\w{6})"\}`)
)

// themes is each colour of the page, in light and in dark.
func themes(t *testing.T) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}
	for _, m := range variable.FindAllStringSubmatch(string(pages["/app.css"].body), -1) {
		out[m[1]] = [2]string{m[2] + m[4], m[3] + m[4]}
	}
	return out
}

// A replica has one colour in the report and on the page. That the colours keep apart in
// all kinds of colour vision is tested where they are chosen, in package view.
func TestThePageHasTheReportsColours(t *testing.T) {
	source, err := os.ReadFile("../palette.go")
	if err != nil {
		t.Fatal(err)
	}
	css := themes(t)
	found := identity.FindAllStringSubmatch(string(source), -1)
	if len(found) < 5 {
		t.Fatalf("found %d colours in palette.go", len(found))
	}
	for i, m := range found {
		n := strconv.Itoa(i + 1)
		if got := css["r"+n]; got != [2]string{m[2], m[3]} {
			t.Errorf("replica %s (%s): %v", n, m[1], got)
		}
		if got := css["on"+n]; got != [2]string{m[4], m[5]} {
			t.Errorf("text on replica %s (%s): %v", n, m[1], got)
		}
	}
}

// WCAG 2.2: 4.5:1 for text, 3:1 for what has a meaning.
func TestEverythingCanBeRead(t *testing.T) {
	css := themes(t)
	for _, c := range []struct {
		on, under string
		least     float64
	}{
		{"ink", "ground", 4.5}, {"ink", "panel", 4.5}, {"ink", "fill", 4.5}, {"ink", "warn", 4.5}, {"ground", "ink", 4.5},
		{"soft", "ground", 4.5}, {"soft", "panel", 4.5}, {"soft", "fill", 4.5},
		{"bad", "ground", 4.5}, {"bad", "panel", 4.5}, {"bad", "fill", 4.5},
		{"r0", "ground", 3}, {"r1", "ground", 3}, {"r2", "ground", 3}, {"r3", "ground", 3}, {"r4", "ground", 3}, {"r5", "ground", 3}, {"r6", "ground", 3},
		{"focus", "ground", 3}, {"on0", "r0", 4.5},
	} {
		for i, theme := range []string{"light", "dark"} {
			if got := contrast(t, css[c.on][i], css[c.under][i]); got < c.least {
				t.Errorf("%s on %s, %s: %.2f, want %.1f", c.on, c.under, theme, got, c.least)
			}
		}
	}
}

// contrast is WCAG 2.2's ratio of relative luminances of two colours like #0a4ef5.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 24)
	if err != nil {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		v := float64(n>>(8*i)&0xff) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
