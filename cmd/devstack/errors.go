package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"devstack/stack"
)

// The exit statuses, as --help documents them.
const (
	exitOK           = 0
	exitFailed       = 1 // an expectation failed
	exitUsage        = 2 // usage, or an invalid scenario
	exitInconclusive = 3
	exitStack        = 4 // the stack could not start or heal
	exitInterrupted  = 130
)

// exit is an error that knows how the program ends and, perhaps, what to try instead.
type exit struct {
	status int
	err    error // nil: everything was said already
	hint   string
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage is a mistake of the person at the keyboard.
func usage(hint, format string, args ...any) error {
	return &exit{status: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// report says err, at the edge of the program, and returns the exit status.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	status, hint := exitStack, ""
	var e *exit
	switch {
	case errors.As(err, &e):
		status, hint = e.status, e.hint
		if e.err == nil {
			return status
		}
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		status = exitInterrupted
	case errors.Is(err, stack.ErrConfig):
		status = exitUsage
	}
	if hint == "" {
		hint = hintFor(err)
	}
	fmt.Fprintln(w, "devstack: "+strings.TrimSpace(err.Error()))
	if hint != "" {
		fmt.Fprintln(w, "devstack: hint: "+hint)
	}
	return status
}

// hintFor proposes something to paste for errors that libraries of ours return.
func hintFor(err error) string {
	switch {
	case errors.Is(err, stack.ErrPortTaken):
		return "leave --http-port away to take any free port, or see who has it: devstack doctor"
	case errors.Is(err, stack.ErrForeign):
		return "leave --consul-addr away, so that devstack starts a Consul that it may break"
	case errors.Is(err, stack.ErrForbidden):
		return "set CONSUL_HTTP_TOKEN: replicas take service:write, resolver and observers service:read, node:read and agent:read"
	case errors.Is(err, stack.ErrNoAnswer):
		return "start that Consul, or leave --consul-addr away to have one started"
	}
	return ""
}
