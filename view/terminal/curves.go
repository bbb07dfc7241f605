package terminal

import (
	"fmt"

	"devstack/view"
)

var blocks = []rune("▁▂▃▄▅▆▇█")

// curves are the last ticks, one column each: latency, and failures.
func (p *painter) curves(n int) {
	const label, value = 8, 12
	wide := p.body.w - label - value
	points := p.s.Traffic.History
	points = points[max(0, len(points)-wide):]
	top, failed := 0.0, 0
	for _, pt := range points {
		top = max(top, pt.P99MS)
		failed += pt.Failed
	}
	p.rule("LATENCY AND FAILURES", fmt.Sprintf("one column = 0.25 s, the highest %s", view.Millis(top)))
	b := p.rest(n)
	b.put(0, 0, dim, "p99")
	b.put(0, 1, dim, "failed")
	for i, pt := range points {
		x := label + wide - len(points) + i
		b.put(x, 0, plain, string(block(pt.P99MS, top)))
		drawFailed(b, x, pt)
	}
	if len(points) > 0 {
		b.right(b.w, 0, plain, view.Millis(points[len(points)-1].P99MS))
		b.right(b.w, 1, plain, fmt.Sprint(failed))
	}
}

// drawFailed counts: a digit up to nine, then ✕.
func drawFailed(b box, x int, pt view.Point) {
	switch {
	case pt.Failed == 0:
		b.put(x, 1, dim, "·")
	case pt.Failed < 10:
		b.put(x, 1, bad, fmt.Sprint(pt.Failed))
	default:
		b.put(x, 1, bad, "✕")
	}
}

func block(v, top float64) rune {
	if top <= 0 {
		return blocks[0]
	}
	return blocks[min(len(blocks)-1, int(v/top*float64(len(blocks))))]
}
