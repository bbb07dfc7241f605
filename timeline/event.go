package timeline

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SchemaVersion is the V of every event and of every run.json that this code writes.
// Readers ignore event types and fields that they do not know.
const SchemaVersion = 1

// Sev says how an event should strike a reader. It never decides a verdict.
type Sev string

// The severities, from "for the record" to "something broke".
const (
	Info Sev = "info"
	Good Sev = "good"
	Warn Sev = "warn"
	Bad  Sev = "bad"
)

// Event is one fact of the past, as one JSON object on one line.
type Event struct {
	V     int      `json:"v"`               // schema version
	Seq   uint64   `json:"seq"`             // total order, from 1; the line number in the file
	T     float64  `json:"t"`               // seconds since the start of the run, monotonic
	Type  Type     `json:"type"`            // noun.verb in the past tense
	Src   string   `json:"src"`             // who saw it: supervisor, consul/consul-1, resolver, client/1, scenario, user
	On    []string `json:"on,omitempty"`    // subjects, such as replica/greeter-2
	Fault int      `json:"fault,omitempty"` // the open fault of a subject, 0 for none
	Cause uint64   `json:"cause,omitempty"` // Seq of a certain cause, 0 when none is certain
	Sev   Sev      `json:"sev"`
	Msg   string   `json:"msg"`         // one sentence for a person
	D     any      `json:"d,omitempty"` // payload: the type named beside the event's Type
}

// UnmarshalJSON keeps the payload undecoded; Payload decodes it when somebody asks.
func (e *Event) UnmarshalJSON(b []byte) error {
	type plain Event
	var p struct {
		plain
		D json.RawMessage `json:"d"`
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	*e = Event(p.plain)
	e.D = nil
	if len(p.D) > 0 {
		e.D = p.D
	}
	return nil
}

// Payload returns the event's payload as P, whether the event was made in this
// process or read from a file. It reports false when there is none or it has
// another shape.
func Payload[P any](e Event) (P, bool) {
	var zero P
	switch d := e.D.(type) {
	case P:
		return d, true
	case json.RawMessage:
		var p P
		if err := json.Unmarshal(d, &p); err != nil {
			return zero, false
		}
		return p, true
	}
	return zero, false
}

// Replica is the subject name of a replica, as it stands in Event.On.
func Replica(name string) string { return "replica/" + name }

// Agent is the subject name of a Consul agent.
func Agent(name string) string { return "consul/" + name }

// AgentName is the name in a subject that Agent made, "" of any other subject.
func AgentName(subject string) string {
	name, ok := strings.CutPrefix(subject, "consul/")
	if !ok {
		return ""
	}
	return name
}

// Concerns reports whether subject is one of the event's subjects.
func (e Event) Concerns(subject string) bool {
	for _, s := range e.On {
		if s == subject {
			return true
		}
	}
	return false
}

// String is for logs and test failures.
func (e Event) String() string {
	return fmt.Sprintf("%d %.3fs %s %v %s", e.Seq, e.T, e.Type, e.On, e.Msg)
}
