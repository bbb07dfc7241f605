package terminal

import (
	"fmt"
	"sort"

	"devstack/timeline"
	"devstack/view"
)

// Player plays a record into a State, as fast as it is told, forth and back. It is not
// safe for concurrent use.
type Player struct {
	events []timeline.Event
	next   int     // of events
	now    float64 // seconds on the run's clock
	speed  float64
	paused bool
	state  *view.State
}

// The slowest and the fastest that a record is played.
const (
	MinSpeed = 1.0 / 16
	MaxSpeed = 64.0
)

// NewPlayer plays events at speed (1 = as it was) from the given second on.
func NewPlayer(events []timeline.Event, speed, from float64) *Player {
	p := &Player{events: events, speed: min(max(speed, MinSpeed), MaxSpeed), state: &view.State{}}
	p.Seek(from)
	return p
}

// State is the picture at Now. Advance and Seek change it or replace it.
func (p *Player) State() *view.State { return p.state }

// Now is where the player is, in seconds on the run's clock.
func (p *Player) Now() float64 { return p.now }

// End is the time of the last event.
func (p *Player) End() float64 {
	if len(p.events) == 0 {
		return 0
	}
	return p.events[len(p.events)-1].T
}

// Over reports whether every event has been played.
func (p *Player) Over() bool { return p.next == len(p.events) }

// Playing reports whether Advance would change anything.
func (p *Player) Playing() bool { return !p.paused && !p.Over() }

// Advance lets seconds of the watcher's time go by.
func (p *Player) Advance(seconds float64) {
	if !p.Playing() {
		return
	}
	p.playTo(min(p.now+seconds*p.speed, p.End()))
}

// Seek goes to a second of the run. Going back folds the record again from its beginning.
func (p *Player) Seek(t float64) {
	t = min(max(t, 0), p.End())
	if t < p.now {
		p.state, p.next = &view.State{}, 0
	}
	p.playTo(t)
}

// Step plays exactly one event and holds there.
func (p *Player) Step() {
	p.paused = true
	if !p.Over() {
		p.playTo(p.events[p.next].T)
	}
}

// Pause holds the player, or lets it go on; at the end it begins again.
func (p *Player) Pause() {
	if p.Over() {
		p.paused = false
		p.Seek(0)
		return
	}
	p.paused = !p.paused
}

// Faster doubles the speed, or halves it.
func (p *Player) Faster(up bool) {
	factor := 0.5
	if up {
		factor = 2
	}
	p.speed = min(max(p.speed*factor, MinSpeed), MaxSpeed)
}

// Word says what the player does: REPLAY 2×, PAUSED, END.
func (p *Player) Word() string {
	switch {
	case p.Over():
		return "END OF RECORD"
	case p.paused:
		return "PAUSED"
	}
	return fmt.Sprintf("▸ REPLAY %g×", p.speed)
}

func (p *Player) playTo(t float64) {
	p.now = t
	end := p.next + sort.Search(len(p.events)-p.next, func(i int) bool { return p.events[p.next+i].T > t })
	for ; p.next < end; p.next++ {
		p.state.Add(p.events[p.next])
	}
}
