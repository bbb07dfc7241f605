package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"devstack/timeline"
)

// Verb names an action.
type Verb string

// The verbs, and the fields of Action that each one reads besides By.
const (
	Inject  Verb = "inject"   // Kind, Targets, Args, For
	Heal    Verb = "heal"     // ID
	HealAll Verb = "heal_all" //
	Resume  Verb = "resume"   // Targets: heals the pauses of these replicas
	Scale   Verb = "scale"    // N
	Rate    Verb = "rate"     // Rate
	Call    Verb = "call"     // makes exactly one call
	Stop    Verb = "stop"     // Now
)

// Action is something that a person wants done to the stack, with its JSON shape.
type Action struct {
	Do      Verb              `json:"do"`
	By      string            `json:"by,omitempty"` // the hand: terminal, key, dashboard
	Kind    string            `json:"kind,omitempty"`
	Targets []string          `json:"targets,omitempty"`
	Args    map[string]string `json:"args,omitempty"`
	For     string            `json:"for,omitempty"` // a duration, Forever, or "" for DefaultFor
	ID      int               `json:"id,omitempty"`
	N       int               `json:"n,omitempty"`
	Rate    float64           `json:"rate,omitempty"`
	Now     bool              `json:"now,omitempty"`
}

// Result is what came of an action.
type Result struct {
	Msg     string          `json:"message"` // one sentence for a person
	Fault   *timeline.Fault `json:"fault,omitempty"`
	Healed  []int           `json:"healed,omitempty"` // numbers of faults
	Added   []string        `json:"added,omitempty"`
	Removed []string        `json:"removed,omitempty"`
}

// Forever is the time limit of a fault that only a person heals.
const Forever = "forever"

// DefaultFor is the time limit of a fault when nobody names one.
const DefaultFor = time.Minute

// Limit is the time limit that text asks for, 0 for none. A fault without a limit has to
// be asked for in so many words.
func Limit(text string) (time.Duration, error) {
	switch text {
	case "":
		return DefaultFor, nil
	case Forever:
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, Refuse(Usage, "such as 90s, or "+Forever, "for: %q is not a duration", text)
	}
	if d <= 0 {
		return 0, Refuse(Usage, "to leave it until you heal it, say "+Forever, "for: a fault of %s would never be, or never end", text)
	}
	return d, nil
}

// Perform does a to lab and puts it on the record: an event user.action before anything
// happens. ctx bounds the deed. It may be called concurrently.
func Perform(ctx context.Context, lab Lab, a Action) (Result, error) {
	do, known := deeds[a.Do]
	if !known {
		return Result{}, Refuse(Usage, "", "there is no action %q", a.Do)
	}
	if a.By == "" {
		a.By = "somebody"
	}
	lab.Events().Append(timeline.Event{Type: timeline.UserActed, Src: "user", Msg: a.By + ": " + a.String()})
	return do(ctx, lab, a)
}

// String is the action as one would type it.
func (a Action) String() string {
	switch a.Do {
	case Inject:
		return strings.TrimSpace(fmt.Sprintf("inject %s %s", a.Kind, strings.Join(a.Targets, " ")))
	case Heal:
		return fmt.Sprintf("heal %d", a.ID)
	case Resume:
		return "resume " + strings.Join(a.Targets, " ")
	case Scale:
		return fmt.Sprintf("scale %d", a.N)
	case Rate:
		return fmt.Sprintf("rate %g", a.Rate)
	}
	return strings.ReplaceAll(string(a.Do), "_", " ")
}
