package stack

import (
	"slices"
	"strings"
	"sync"

	"devstack/timeline"
)

// herdPatience is how long a list may be on its way to the last channel, in seconds: what
// takes longer has missed.
const herdPatience = 1.0

// keptLists is how many lists a progress remembers: one that comes late to a channel is not
// a new one.
const keptLists = 16

// progress follows lists on their way through a herd. Its methods may be called
// concurrently.
type progress struct {
	mu       sync.Mutex
	members  []member
	lists    []*passing // the last ones, in order of appearance
	newest   int        // number of the last one
	listless int        // members that never had a list
}

// member is a channel: the number of the list that it has, 0 for none, and the list.
type member struct {
	at   int
	list string
}

// passing is a list on its way since the first channel had it.
type passing struct {
	n           int
	list        string
	endpoints   int
	first, last float64
	told        bool
}

func newProgress(channels int) *progress {
	return &progress{members: make([]member, channels), listless: channels}
}

// push notes that channel i was given addrs at now.
func (p *progress) push(i int, addrs []string, now float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := &p.members[i]
	if m.at == 0 {
		p.listless--
	}
	was := m.at
	m.list = strings.Join(addrs, " ")
	m.at = p.numberOf(m.list, len(addrs), was, now)
	for _, l := range p.lists {
		if was < l.n && l.n <= m.at { // who has a later one needs the earlier ones no more
			l.first, l.last = min(l.first, now), max(l.last, now)
		}
	}
}

// numberOf is the number of the latest list of that content that a channel at was can be
// given. When there is none it is a new one.
func (p *progress) numberOf(list string, endpoints, was int, now float64) int {
	for _, l := range slices.Backward(p.lists) {
		if l.n > was && l.list == list {
			return l.n
		}
	}
	p.newest++
	p.lists = append(p.lists, &passing{n: p.newest, list: list, endpoints: endpoints, first: now, last: now})
	return p.newest
}

// reached counts the channels that have l, or a later one.
func (p *progress) reached(l *passing) int {
	n := 0
	for _, m := range p.members {
		if m.at >= l.n || m.at > 0 && m.list == l.list {
			n++
		}
	}
	return n
}

// due are the lists that have come as far as they do by now, each once.
func (p *progress) due(now float64) []timeline.Herd {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []timeline.Herd
	for _, l := range p.lists {
		if l.told {
			continue
		}
		n := p.reached(l)
		if n < len(p.members) && now < l.first+herdPatience {
			continue
		}
		l.told = true
		out = append(out, timeline.Herd{
			Channels: len(p.members), Endpoints: l.endpoints, Reached: n, Missed: len(p.members) - n, First: l.first, Last: l.last,
		})
	}
	p.lists = slices.DeleteFunc(p.lists, func(l *passing) bool { return l.told && l.n <= p.newest-keptLists })
	return out
}

// waiting counts the channels that never had a list.
func (p *progress) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.listless
}
