package terminal

import (
	"fmt"
	"slices"
	"strings"

	"devstack/timeline"
)

// header is the upper border: what runs, how much, how well, and when this is.
func (p *painter) header() {
	f, s := p.frame, p.s
	f.fillRow(0, p.o.Width, 0, dim, '─')
	f.put(0, 0, dim, "┌")
	f.put(p.o.Width-1, 0, dim, "┐")
	word, how := p.word()
	at := f.right(p.o.Width-2, 0, how, " "+word+" ")
	at = f.right(at-1, 0, plain, fmt.Sprintf(" t %s ", clock(p.o.Now)))
	x := f.put(2, 0, bold, " devstack ")
	if x+2+cols(s.Name)+2 < at {
		x = f.put(x+1, 0, bold, " "+s.Name+" ")
	}
	for _, part := range p.totals() {
		if x+1+cols(part.text)+1 >= at {
			return
		}
		x = f.put(x+1, 0, part.style, part.text)
	}
	p.y = 0
}

type styled struct {
	style style
	text  string
}

func (p *painter) totals() []styled {
	tr := p.s.Traffic
	rate := fmt.Sprintf(" %.0f RPC/s ", tr.Rate)
	if tr.Offered > 0 && (tr.Rate < 0.9*tr.Offered || tr.Rate > 1.1*tr.Offered) {
		rate = fmt.Sprintf(" %.0f of %.0f RPC/s ", tr.Rate, tr.Offered)
	}
	ok := styled{plain, fmt.Sprintf(" %d ok ", tr.OK)}
	if tr.Failed > 0 {
		failed := fmt.Sprintf(" ✕ %d failed ", tr.Failed)
		if p.o.Width < 76 {
			failed = fmt.Sprintf(" ✕ %d ", tr.Failed)
		}
		return []styled{{bad, failed}, {plain, rate}, ok}
	}
	return []styled{{plain, rate}, {plain, " 0 failed "}, ok}
}

// word is the state of the picture, which is not the state of the story.
func (p *painter) word() (string, style) {
	switch {
	case p.o.Frozen:
		return fmt.Sprintf("FROZEN −%.0f s", p.o.Now-p.s.T), alarm
	case p.o.Word != "":
		return p.o.Word, loud
	case p.s.Ended:
		return "ENDED", loud
	case p.s.Ready == nil:
		return "○ STARTING", loud
	}
	return "● LIVE", loud
}

// clock is minutes, seconds and tenths.
func clock(t float64) string {
	tenths := int(t * 10)
	return fmt.Sprintf("%02d:%02d.%d", tenths/600, tenths/10%60, tenths%10)
}

// caption is what the story says now; without a story, where things are.
func (p *painter) caption() {
	p.y = 1
	st := p.s.Story
	if st.Title == "" {
		p.address()
		return
	}
	b := p.rest(2) // whatever it says, so that nothing jumps
	x := b.put(0, 0, loud, " "+p.stepWord()+" ") + 1
	end := b.w
	if st.Waiting {
		end = b.right(b.w, 0, loud, " n next ") - 1
	}
	text, how := st.Said, plain
	switch {
	case st.Verdict != "":
		text, how = strings.ToUpper(string(st.Verdict))+": "+strings.TrimSpace(st.Title+". "+st.Why), good
		if st.Verdict != timeline.Pass {
			how = bad
		}
	case text == "":
		text = st.Title
	}
	for i, line := range wrap(text, end-x, b.h) {
		b.put(x, i, how, line)
	}
}

// stepWord is "2/5 kill", and the bare name before and after the numbered steps.
func (p *painter) stepWord() string {
	st := p.s.Story
	if i := slices.Index(st.Steps, st.Step); i >= 0 {
		return ellipsis(fmt.Sprintf("%d/%d %s", i+1, len(st.Steps), st.Step), 24)
	}
	if st.Step == "" {
		return "begin"
	}
	return ellipsis(st.Step, 24)
}

func (p *painter) address() {
	b := p.rest(1)
	if p.s.Ready == nil {
		b.put(0, 0, dim, "Consul, then the replicas, then the client …")
		return
	}
	x := b.put(0, 0, dim, "dial ")
	x = b.put(x, 0, plain, p.s.Ready.Target)
	for _, at := range []struct{ name, url string }{{"dashboard", p.s.Ready.Dashboard}, {"Consul", p.s.Ready.Consul.UI}} {
		if at.url != "" && x+cols(at.name)+4+cols(at.url) <= b.w {
			x = b.put(x, 0, dim, "   "+at.name+" ")
			x = b.put(x, 0, plain, at.url)
		}
	}
}

// faults is the line of what is still broken on purpose, and of the answer to the last key.
func (p *painter) faults(y int) {
	b := p.body.inner(0, y, p.body.w, 1)
	end := b.w
	if news := p.o.Failed || p.o.Width >= 76 || len(p.s.Faults) == 0; p.o.Status != "" && news {
		how := plain
		if p.o.Failed {
			how = bad
		}
		text := ellipsis(p.o.Status, b.w)
		end = b.right(b.w, 0, how, text) - 2
	}
	if len(p.s.Faults) == 0 {
		if end > 20 {
			b.put(0, 0, dim, "nothing is injected")
		}
		return
	}
	x := 0
	for i, f := range p.s.Faults {
		text := f.Kind + " " + strings.Join(f.Targets, " ")
		if f.TTL > 0 {
			text += fmt.Sprintf(", %.0f s left", max(0, f.Since+f.TTL-p.o.Now))
		}
		if i > 0 {
			text = "· " + text
		} else {
			text = "✕ injected: " + text
		}
		if left := end - x; cols(text) > left {
			if i == 0 {
				b.fit(0, 0, left, bad, text)
			} else if left > 4 {
				b.put(x, 0, bad, fmt.Sprintf("+%d", len(p.s.Faults)-i))
			}
			return
		}
		x = b.put(x, 0, bad, text) + 1
	}
}
