package scenarios

import (
	"github.com/zclconf/go-cty/cty"

	"devstack/timeline"
)

// herd is how far the last list that reached the first channel of the herd in w came, and
// what the agent let the herd do meanwhile. Times are seconds since the beginning of w.
func (r Record) herd(w window) cty.Value {
	m := map[string]cty.Value{}
	for _, name := range []string{"reached", "missed", "first", "last", "spread", "conns"} {
		m[name] = cty.NullVal(cty.Number)
	}
	refused, conns := 0, 0
	for _, e := range r.Events {
		if !w.has(e.T) {
			continue
		}
		switch e.Type {
		case timeline.HerdUpdated:
			d, ok := timeline.Payload[timeline.Herd](e)
			if !ok || d.First < w.from {
				continue
			}
			conns = max(conns, d.Conns)
			m["reached"], m["missed"], m["conns"] = number(d.Reached), number(d.Missed), number(conns)
			m["first"], m["last"] = cty.NumberFloatVal(d.First-w.from), cty.NumberFloatVal(d.Last-w.from)
			m["spread"] = cty.NumberFloatVal(d.Last - d.First)
		case timeline.HerdRefused:
			if d, ok := timeline.Payload[timeline.HerdRefusal](e); ok {
				refused += d.Refused
				conns = max(conns, d.Conns)
			}
		}
	}
	m["refused"] = number(refused)
	return cty.ObjectVal(m)
}
