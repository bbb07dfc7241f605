// Package control lets another terminal, a key or a button act on a running stack. An
// [Action] is what somebody wants, [Perform] does it, and [Server] and [Client] carry both
// over a unix socket in the run folder. Keys and buttons call Perform themselves, so that
// every hand on the stack takes the same path.
package control
