package greeter

import "time"

// EventKind names what happened to a replica.
type EventKind string

// What an Event can say.
const (
	EventServing      EventKind = "serving"           // greetings are answered from now on
	EventRegistered   EventKind = "registered"        // Consul accepted the first registration
	EventForgotten    EventKind = "forgotten"         // Consul no longer knows the replica
	EventReregistered EventKind = "re-registered"     // and now knows it again
	EventRefused      EventKind = "refused"           // Consul answered a registration with an error
	EventForbidden    EventKind = "forbidden"         // the same, with 403: asking again helps only when somebody grants the right
	EventConsulLost   EventKind = "consul-lost"       // Consul does not answer
	EventConsulFound  EventKind = "consul-found"      // Consul answers again
	EventDraining     EventKind = "draining"          // stopping has begun
	EventDeregistered EventKind = "deregistered"      // Consul accepted the deregistration
	EventStopped      EventKind = "stopped"           // the last connection is closed
	EventCutOff       EventKind = "calls-cut-off"     // the drain limit ended calls in flight
	EventBehaviour    EventKind = "behaviour-changed" // Control.Behave was obeyed
)

// Event is one thing that happened to a replica, as it happened.
type Event struct {
	Time time.Time
	Kind EventKind
	Err  error // why, where something went wrong
}
