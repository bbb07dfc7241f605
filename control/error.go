package control

import (
	"errors"
	"fmt"
)

// Kind says whose mistake an error is.
type Kind string

// The kinds of error.
const (
	Usage    Kind = "usage"     // what was asked for makes no sense
	NotFound Kind = "not_found" // a name or a number that nobody has
	Broken   Kind = "stack"     // the stack could not do it
)

// Error is a mistake that travels over the socket and stays the same error. Hint is what
// to try instead, "" when nothing comes to mind.
type Error struct {
	Kind Kind   `json:"kind"`
	Msg  string `json:"message"`
	Hint string `json:"hint,omitempty"`
}

func (e *Error) Error() string { return e.Msg }

// Refuse makes an error of one kind.
func Refuse(kind Kind, hint, format string, args ...any) *Error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// asError gives any error a kind: one that nobody classified is the stack's.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Broken, Msg: err.Error()}
}
