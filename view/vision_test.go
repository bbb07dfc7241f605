package view

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// visions are how the common forms of colour blindness see linear light at full severity,
// after Machado, Oliveira and Fernandes 2009.
var visions = map[string][3][3]float64{
	"normal":     {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881}},
	"tritanopia": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seenAs is a colour as somebody with that vision sees it.
func seenAs(t *testing.T, hex string, m [3][3]float64) string {
	t.Helper()
	c := linear(t, hex)
	out := "#"
	for _, row := range m {
		v := min(max(row[0]*c[0]+row[1]*c[1]+row[2]*c[2], 0), 1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		out += fmt.Sprintf("%02x", int(math.Round(v*255)))
	}
	return out
}

// ciede2000 is the CIE's distance of 2000, in which 1 is about just noticeable; after
// Sharma, Wu and Dalal 2005.
func ciede2000(p, q [3]float64) float64 {
	deg := math.Pi / 180
	hyp := func(l [3]float64) float64 { return math.Hypot(l[1], l[2]) }
	mean7 := math.Pow((hyp(p)+hyp(q))/2, 7)
	g := 0.5 * (1 - math.Sqrt(mean7/(mean7+math.Pow(25, 7))))
	a1, a2 := p[1]*(1+g), q[1]*(1+g)
	c1, c2 := math.Hypot(a1, p[2]), math.Hypot(a2, q[2])
	hue := func(a, b float64) float64 { return math.Mod(math.Atan2(b, a)/deg+360, 360) }
	h1, h2 := hue(a1, p[2]), hue(a2, q[2])
	dh, mh := h2-h1, (h1+h2)/2
	switch {
	case c1*c2 == 0:
		dh, mh = 0, h1+h2
	case math.Abs(dh) > 180:
		dh -= math.Copysign(360, dh)
		mh = math.Mod(mh+180, 360)
	}
	dl, dc := q[0]-p[0], c2-c1
	dH := 2 * math.Sqrt(c1*c2) * math.Sin(dh/2*deg)
	ml, mc := (p[0]+q[0])/2, (c1+c2)/2
	tt := 1 - 0.17*math.Cos((mh-30)*deg) + 0.24*math.Cos(2*mh*deg) + 0.32*math.Cos((3*mh+6)*deg) - 0.20*math.Cos((4*mh-63)*deg)
	sl := 1 + 0.015*(ml-50)*(ml-50)/math.Sqrt(20+(ml-50)*(ml-50))
	sc, sh := 1+0.045*mc, 1+0.015*mc*tt
	mc7 := math.Pow(mc, 7)
	rt := -2 * math.Sqrt(mc7/(mc7+math.Pow(25, 7))) * math.Sin(60*math.Exp(-((mh-275)/25)*((mh-275)/25))*deg)
	l, c, h := dl/sl, dc/sc, dH/sh
	return math.Sqrt(l*l + c*c + h*h + rt*c*h)
}

// TestCIEDE2000 holds the formula to pairs of the paper's table.
func TestCIEDE2000(t *testing.T) {
	for _, c := range []struct {
		p, q [3]float64
		want float64
	}{
		{[3]float64{50, 2.6772, -79.7751}, [3]float64{50, 0, -82.7485}, 2.0425},
		{[3]float64{50, 2.5, 0}, [3]float64{73, 25, -18}, 27.1492},
		{[3]float64{50, 2.5, 0}, [3]float64{61, -5, 29}, 22.8977},
		{[3]float64{60.2574, -34.0099, 36.2677}, [3]float64{60.4626, -34.1751, 39.4387}, 1.2644},
		{[3]float64{22.7233, 20.0904, -46.6940}, [3]float64{23.0331, 14.9730, -42.5619}, 2.0373},
	} {
		if got := ciede2000(c.p, c.q); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("%v to %v is %.4f, want %.4f", c.p, c.q, got, c.want)
		}
	}
}

// TestColoursDifferInEveryVision holds the five first replicas, and the red of failure,
// at least 12 apart for everybody, which no set picked by hand was. The sixth has a shape.
func TestColoursDifferInEveryVision(t *testing.T) {
	light, dark := []string{styleVar(t, "fault", 0)}, []string{styleVar(t, "fault", 1)}
	for _, c := range replicaColours[:5] {
		light, dark = append(light, c.light), append(dark, c.dark)
	}
	for vision, m := range visions {
		for _, set := range [][]string{light, dark} {
			for i, a := range set {
				for _, b := range set[:i] {
					if d := ciede2000(lab(t, seenAs(t, a, m)), lab(t, seenAs(t, b, m))); d < 12 {
						t.Errorf("%s: %s and %s are only %.1f apart", vision, a, b, d)
					}
				}
			}
		}
	}
}

// styleVar is a colour of the page: theme 0 is light, 1 dark, 2 print.
func styleVar(t *testing.T, name string, theme int) string {
	t.Helper()
	css, err := pageFiles.ReadFile("page/report.css")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`--`+name+`: (#[0-9a-f]{6,8});`).FindAllStringSubmatch(string(css), -1)
	if len(found) != 3 {
		t.Fatalf("--%s is set %d times, want once in light, dark and print", name, len(found))
	}
	return found[theme][1]
}

// TestTextCanBeRead holds every text colour at 4.5:1 on every ground it stands on.
func TestTextCanBeRead(t *testing.T) {
	for theme, name := range []string{"light", "dark", "print"} {
		for _, pair := range []string{
			"ink ground", "ink panel", "ink ok", "ink warn", "ink shade", "ink bound", "soft ground", "soft panel", "fault ground",
			"ground gone", "ground fault",
		} {
			text, ground, _ := strings.Cut(pair, " ")
			on := over(t, styleVar(t, ground, theme), styleVar(t, "ground", theme))
			if got := contrast(t, styleVar(t, text, theme), on); got < 4.5 {
				t.Errorf("%s: %s on %s is %.2f, want 4.5", name, text, ground, got)
			}
		}
		for _, mark := range []string{"bound-edge", "fault", "gone", "soft"} {
			if got := contrast(t, styleVar(t, mark, theme), styleVar(t, "ground", theme)); got < 3 {
				t.Errorf("%s: the line of %s is %.2f, want 3", name, mark, got)
			}
		}
	}
}

// over is a colour, with alpha or without, laid on an opaque ground.
func over(t *testing.T, hex, ground string) string {
	t.Helper()
	if len(hex) == 7 {
		return hex
	}
	var top, below [3]int
	var alpha int
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x%02x", &top[0], &top[1], &top[2], &alpha); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(ground, "#%02x%02x%02x", &below[0], &below[1], &below[2]); err != nil {
		t.Fatal(err)
	}
	out := "#"
	for i := range top {
		out += fmt.Sprintf("%02x", (top[i]*alpha+below[i]*(255-alpha))/255)
	}
	return out
}

func TestPrintIsLight(t *testing.T) {
	for _, name := range []string{"ground", "ink", "soft", "line", "panel", "ok", "warn", "fault", "shade", "bound", "bound-edge", "gone"} {
		if light, print := styleVar(t, name, 0), styleVar(t, name, 2); light != print {
			t.Errorf("--%s is %s in light and %s in print", name, light, print)
		}
	}
}
