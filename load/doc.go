// Package load makes calls at a given pace and says honestly what became of them.
//
// Attack starts each call when it is due, whatever the calls before it are doing (open loop), or keeps
// a number of workers busy (closed loop). Every call yields exactly one Result with the time it was due,
// sent and done, so that a pause of the server, of the network or of this machine shows in the latency
// from the due time instead of hiding as calls that were never made. How late the machine itself was is
// measured apart, because a verdict from a machine that could not keep up is worth nothing.
//
// Metrics adds results up, Writer and Results keep them in a file that survives a SIGKILL.
//
// ObservedPolicy is a balancing policy that wraps any other one, changes nothing about it, and tells what
// a channel's subchannels and picker do, and which address each call was sent to.
//
// All times are offsets from Config.Origin on the monotonic clock. The package knows nothing about the
// service that it calls.
package load
