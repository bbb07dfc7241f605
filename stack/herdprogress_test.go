package stack

import (
	"slices"
	"testing"

	"devstack/timeline"
)

var few, fewer = []string{"a", "b"}, []string{"a"}

// told is what p has to tell at now, without what never changes.
func told(p *progress, now float64) []timeline.Herd {
	list := p.due(now)
	for i := range list {
		list[i].Channels = 0
	}
	return list
}

func TestHowFarAListComes(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(p *progress)
		now  float64
		want []timeline.Herd
	}{
		"nobody has a list": {func(*progress) {}, 9, nil},
		"on its way":        {func(p *progress) { p.push(0, few, 1); p.push(1, few, 1.2) }, 1.5, nil},
		"all have it": {func(p *progress) { p.push(0, few, 1); p.push(2, few, 1.3); p.push(1, few, 1.2) }, 1.3,
			[]timeline.Herd{{Endpoints: 2, Reached: 3, First: 1, Last: 1.3}}},
		"one never hears": {func(p *progress) { p.push(0, few, 1); p.push(1, few, 1.2) }, 1 + herdPatience,
			[]timeline.Herd{{Endpoints: 2, Reached: 2, Missed: 1, First: 1, Last: 1.2}}},
		"one was given the next list at once": {func(p *progress) {
			p.push(0, few, 1)
			p.push(1, few, 1.1)
			p.push(0, fewer, 1.2)
			p.push(2, fewer, 1.3)
			p.push(1, fewer, 1.4)
		}, 1.4, []timeline.Herd{
			{Endpoints: 2, Reached: 3, First: 1, Last: 1.3},
			{Endpoints: 1, Reached: 3, First: 1.2, Last: 1.4},
		}},
		"and back, before one saw anything": {func(p *progress) {
			for i := range 3 {
				p.push(i, few, 1)
			}
			p.due(1)
			p.push(0, fewer, 2)
			p.push(1, fewer, 2)
			p.push(0, few, 2.1)
			p.push(1, few, 2.2)
		}, 2.3, []timeline.Herd{{Endpoints: 2, Reached: 3, First: 2.1, Last: 2.2}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProgress(3)
			c.do(p)
			if got := told(p, c.now); !slices.Equal(got, c.want) {
				t.Errorf("told\n%+v\nwant\n%+v", got, c.want)
			}
			if again := told(p, c.now); len(again) != 0 {
				t.Errorf("told twice: %+v", again)
			}
		})
	}
}

// A list that comes late, after a later one has been told, is no new one.
func TestALateListIsNoNews(t *testing.T) {
	p := newProgress(3)
	for i := range 2 {
		p.push(i, few, 1)
		p.push(i, fewer, 1.1)
	}
	p.due(3)
	p.push(2, few, 3.1)
	p.push(2, fewer, 3.2)
	if got := told(p, 9); len(got) != 0 {
		t.Errorf("told %+v", got)
	}
	if n := p.waiting(); n != 0 {
		t.Errorf("%d channels wait for their first list", n)
	}
}
