package terminal

import "devstack/view"

// picks is the tape: one cell per RPC in the order of completion, over n rows that read
// like text, the newest at the end of the last. Nothing on it is sampled.
func (p *painter) picks(n int) {
	note := "one cell = one RPC, newest right"
	if p.body.w >= 100 {
		note = "one cell = one RPC, digit = replica, ✕ = failed, newest right"
	}
	if tr := p.s.Traffic; tr.Even && tr.Rate > 0 {
		note = "even  " + note
	}
	p.rule("PICKS", note)
	b := p.rest(n)
	tape := p.s.Traffic.Tape
	if len(tape) == 0 {
		b.put(0, n-1, dim, "no RPC yet")
		return
	}
	size := b.w * n
	tape = tape[max(0, len(tape)-size):]
	at := size - len(tape)
	for i, c := range tape {
		drawCell(b.inner((at+i)%b.w, (at+i)/b.w, 1, 1), c)
	}
}

func drawCell(b box, c view.Cell) {
	switch {
	case !c.OK:
		b.put(0, 0, alarm, "✕")
	case c.Replica > 0:
		b.put(0, 0, fill(c.Replica), "0123456789"[c.Replica:c.Replica+1])
	default:
		b.put(0, 0, loud, "+")
	}
}
