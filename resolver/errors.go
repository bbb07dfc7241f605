package resolver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/consul/api"
)

// TargetError says what is wrong with a target or an option. It holds no secret.
type TargetError struct {
	Target string // without user and parameters
	Param  string // name of the parameter at fault, or empty
	Reason string
}

func (e *TargetError) Error() string {
	s := "consul target"
	if e.Target != "" {
		s += " " + e.Target
	}
	if e.Param != "" {
		s += fmt.Sprintf(": parameter %q", e.Param)
	}
	return s + " " + e.Reason
}

// The reasons for an empty answer, to be told apart with errors.Is.
var (
	ErrUnknownService = errors.New("service is not registered")
	ErrNoMatch        = errors.New("no instance matches")
	ErrUnhealthy      = errors.New("no instance is healthy enough")
	ErrACLFiltered    = errors.New("the token may not read some of the results")
	ErrNoLeader       = errors.New("the agent knows no leader")
	ErrNoAddress      = errors.New("no instance has an address and a port")
)

// EmptyError says why there is nobody to call. It wraps one of the reasons above.
type EmptyError struct {
	Service, Datacenter                    string
	Registered, Critical, Warning, Passing int // what Consul has in any state, -1 registered if it was not asked
	Maintenance                            int
	Reason                                 error
	rights                                 string // that the token needs
	anonymous                              bool   // nobody gave one
}

func (e *EmptyError) Error() string {
	s := fmt.Sprintf("consul: service %q", e.Service)
	if e.Datacenter != "" {
		s += fmt.Sprintf(" in datacenter %q", e.Datacenter)
	}
	s += " has no instances to offer: " + e.Reason.Error()
	if e.Registered > 0 {
		s += fmt.Sprintf(" (%d registered: %d passing, %d warning, %d critical, %d in maintenance)",
			e.Registered, e.Passing, e.Warning, e.Critical, e.Maintenance)
	}
	switch {
	case e.anonymous:
		s += "; or no token was given, and this Consul denies by default: it takes one with " + e.rights
	case errors.Is(e.Reason, ErrACLFiltered) && e.rights != "":
		s += "; it takes " + e.rights
	}
	return s
}

// rights is what the token of a query needs, in Consul's words.
func (q query) rights() string {
	switch q.kind {
	case askKey:
		return fmt.Sprintf("key:read on %q", q.name)
	case askPrepared:
		return fmt.Sprintf("query:read on %q, and service:read and node:read on what it finds", q.name)
	}
	return fmt.Sprintf("service:read on %q and node:read on its nodes", q.name)
}

func (e *EmptyError) Unwrap() error { return e.Reason }

// Class groups failed queries by what to do about them.
type Class string

// The classes of failed queries.
const (
	ClassRefused  Class = "refused"  // 400, 403, 404: asking again soon will not help
	ClassThrottle Class = "throttle" // 429: asked too often
	ClassTimeout  Class = "timeout"  // no answer in time
	ClassServer   Class = "server"   // any other status, such as 500 without a leader
	ClassStale    Class = "stale"    // answered, by a server that has not heard from its leader for longer than MaxStale
	ClassNetwork  Class = "network"  // connection refused, reset, cut off
	ClassConfig   Class = "config"   // client could not be made: a file is missing or unreadable
)

// QueryError is a failed query. Its text holds no secret and no address other than the agent's.
type QueryError struct {
	Service string // or the prepared query or key that was asked for
	Agent   string
	Class   Class
	Status  int // of the HTTP answer, 0 without one
	Err     error
	text    string
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("consul: asking %s for %q: %s", e.Agent, e.Service, e.text)
}

func (e *QueryError) Unwrap() error { return e.Err }

// queryError classifies err and takes secrets out of its text.
func queryError(asked query, agent string, err error, secrets ...string) *QueryError {
	q := &QueryError{Service: asked.name, Agent: agent, Err: err, Class: ClassNetwork}
	text := err.Error()
	var u *url.Error
	if errors.As(err, &u) { // its text starts with the whole URL: noise, and it changes with every index
		text = u.Err.Error()
	}
	var status api.StatusError
	var timeout net.Error
	var config *configError
	var stale *staleError
	switch {
	case errors.As(err, &status):
		q.Status, q.Class = status.Code, statusClass(status.Code)
	case errors.As(err, &config):
		q.Class = ClassConfig
	case errors.As(err, &stale):
		q.Class = ClassStale
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		q.Class, text = ClassTimeout, "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		text = "connection cut: " + text
	}
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "[redacted]")
		}
	}
	q.text = shortened(strings.Join(strings.Fields(text), " "))
	if q.Status == http.StatusForbidden {
		q.text += "; it takes a token with " + asked.rights()
	}
	return q
}

// shortened cuts a proxy's page of HTML down to what a log line, and a call's status, can bear.
func shortened(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func statusClass(code int) Class {
	switch code {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return ClassRefused
	case http.StatusTooManyRequests:
		return ClassThrottle
	}
	return ClassServer
}

// configError is a client that could not be made.
type configError struct{ err error }

func (e *configError) Error() string { return "client: " + e.err.Error() }
func (e *configError) Unwrap() error { return e.err }
