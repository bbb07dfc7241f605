package terminal

// keys is the lower border: as many keys as there is room for.
func (p *painter) keys(y int) {
	f := p.frame
	f.fillRow(0, p.o.Width, y, dim, '─')
	f.put(0, y, dim, "└")
	f.put(p.o.Width-1, y, dim, "┘")
	end := p.o.Width - 2
	for _, k := range p.o.Keys {
		if k.Last {
			end -= keyWide(k)
			p.key(end, y, k)
		}
	}
	x := 2
	for _, k := range p.o.Keys {
		if k.Does != "" && !k.Last && x+keyWide(k) <= end {
			x = p.key(x, y, k)
		}
	}
}

func keyWide(k Key) int { return cols(k.Name) + cols(k.Does) + 3 }

func (p *painter) key(x, y int, k Key) int {
	x = p.frame.put(x, y, bold, " "+k.Name)
	return p.frame.put(x, y, plain, " "+k.Does+" ")
}

// help is every key with a sentence, in as many columns as it takes.
func (p *painter) help(bottom int) {
	p.rule("KEYS", "? closes this")
	n := p.rows(bottom)
	b := p.rest(n)
	wide := b.w
	if len(p.o.Keys) > n {
		wide = b.w / 2
	}
	for i, k := range p.o.Keys {
		if i >= n*(b.w/wide) {
			return
		}
		at := b.inner(i/n*wide, i%n, wide-1, 1)
		text := k.Help
		if text == "" {
			text = k.Does
		}
		at.put(0, 0, bold, k.Name)
		at.fit(7, 0, wide-8, plain, text)
	}
}
