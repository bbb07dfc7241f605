package timeline

import "maps"

// Clone is a fold at the same place that goes its own way from here.
func (f *WaterfallFold) Clone() WaterfallFold {
	c := WaterfallFold{open: make([]*falling, len(f.open))}
	for i, w := range f.open {
		own := *w
		for mark, seen := range w.noticed {
			own.noticed[mark] = maps.Clone(seen)
		}
		c.open[i] = &own
	}
	return c
}
