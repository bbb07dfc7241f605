package view

import (
	"math"
	"strconv"
	"testing"
)

// linear is a colour's three channels in linear light.
func linear(t *testing.T, hex string) [3]float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is not a colour", hex)
	}
	var out [3]float64
	for i := range out {
		v := float64(n>>(16-8*i)&0xff) / 255
		out[i] = v / 12.92
		if v > 0.04045 {
			out[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return out
}

// contrast is WCAG 2.2's ratio of relative luminances.
func contrast(t *testing.T, a, b string) float64 {
	y := func(hex string) float64 {
		c := linear(t, hex)
		return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] + 0.05
	}
	return max(y(a), y(b)) / min(y(a), y(b))
}

// lab is CIE L*a*b* for the white point D65.
func lab(t *testing.T, hex string) [3]float64 {
	c := linear(t, hex)
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2])
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func TestReplicaColoursStandOutFromTheGround(t *testing.T) {
	for _, c := range replicaColours {
		if got := contrast(t, c.light, lightGround); got < 3 {
			t.Errorf("%s %s on light: %.2f, want 3", c.name, c.light, got)
		}
		if got := contrast(t, c.dark, darkGround); got < 3 {
			t.Errorf("%s %s on dark: %.2f, want 3", c.name, c.dark, got)
		}
		if light, dark := contrast(t, c.light, c.onLight), contrast(t, c.dark, c.onDark); light < 4.5 || dark < 4.5 {
			t.Errorf("text on %s: %.2f in light, %.2f in dark, want 4.5", c.name, light, dark)
		}
	}
}

// TestReplicaColoursDiffer holds every pair, and the red of failure, 20 apart in L*a*b*,
// where 2.3 is just noticeable.
func TestReplicaColoursDiffer(t *testing.T) {
	light, dark := []string{"#b31a05"}, []string{"#ff3b2a"}
	for _, c := range replicaColours {
		light, dark = append(light, c.light), append(dark, c.dark)
	}
	for _, set := range [][]string{light, dark} {
		for i, a := range set {
			for _, b := range set[:i] {
				p, q := lab(t, a), lab(t, b)
				if d := math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2]); d < 20 {
					t.Errorf("%s and %s are only %.1f apart", a, b, d)
				}
			}
		}
	}
}
