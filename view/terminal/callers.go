package terminal

import (
	"fmt"

	"devstack/view"
)

// callerRows is how many of n rows the clients beside the first take: all of them have a
// place, or none.
func (p *painter) callerRows(n int) int {
	if rows := len(p.s.Callers()); rows <= n {
		return rows
	}
	return 0
}

// How wide a replica is on a client's line, with the words and without.
const (
	beliefWide   = 23
	beliefNarrow = 12
)

// callers puts each client beside the first on a line of b: what it believes of each
// replica, as the ladder says it of the first.
func (p *painter) callers(b box) {
	for i, c := range p.s.Callers() {
		p.caller(b.inner(0, i, b.w, 1), c)
	}
}

func (p *painter) caller(b box, c view.Caller) {
	x := b.put(1, 0, bold, c.Name) + 2
	end := b.w
	if b.w >= 70 {
		how := dim
		if c.Failed > 0 {
			how = bad
		}
		end = b.right(b.w, 0, how, fmt.Sprintf("%.0f RPC/s, %d failed", c.Rate, c.Failed)) - 2
	}
	if len(c.Believes) == 0 {
		return
	}
	wide := beliefWide
	if wide*len(c.Believes) > end-x {
		wide = beliefNarrow
	}
	if wide*len(c.Believes) > end-x {
		b.fit(x, 0, end-x, plain, inShort(c))
		return
	}
	for i, belief := range c.Believes {
		p.callerBelief(b.inner(x+i*wide, 0, wide, 1), belief, i)
	}
}

// callerBelief is a replica's number, whether the client picks it or why not, and its share.
func (p *painter) callerBelief(b box, belief view.Belief, place int) {
	n := number(belief.Replica, place)
	b.put(0, 0, fill(n), fmt.Sprintf("%2d", n%100))
	word := ""
	if b.w >= beliefWide {
		word = either(belief.Picked, "in", subchannel(&view.Replica{Subchannel: belief.Subchannel}))
	}
	end := b.right(b.w-1, 0, plain, fmt.Sprintf("%3.0f %%", 100*belief.Share))
	p.belief(b.inner(3, 0, end-3, 1), word, belief.Picked, belief.Picked != alive(&p.s.Replicas[place]) && !p.s.Ended)
}

// inShort is a client in a few words, where its replicas have no room.
func inShort(c view.Caller) string {
	in := 0
	for _, b := range c.Believes {
		if b.Picked {
			in++
		}
	}
	return fmt.Sprintf("picks %d of %d, channel %s", in, len(c.Believes), c.Channel)
}
