package load

import (
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Result is what became of one call. It is comparable, and written once.
type Result struct {
	Seq uint64 // unique in one Attack, counted from 1 in the order in which calls were sent

	// Offsets from Config.Origin. Due ≤ Sent ≤ Picked ≤ Done, except that Picked is 0 when the call was
	// never given a connection, or the channel does not use ObservedPolicy.
	Due    time.Duration // when the schedule wanted the call
	Picked time.Duration // when its last attempt was given a connection
	Sent   time.Duration // when the call began
	Done   time.Duration // when its outcome was known

	Code     codes.Code
	Err      string // the status message, "" for OK
	Addr     string // host:port of the last connection it was given, also when it failed there
	Backend  string // the replica that answered, as it names itself; "" when none did
	Attempts int    // how often the call was given a connection: more than 1 after retries
	Client   string // who made it, where several share a record; "" for the first of them
	Key      string // that the call carried; "" unless Config.Keys is set
}

// Service is the time the call took once sent.
func (r Result) Service() time.Duration { return r.Done - r.Sent }

// Latency is the time from when the call was due: what a user who wanted it then had to wait.
func (r Result) Latency() time.Duration { return r.Done - r.Due }

// outcome fills in what err says. A status keeps its own message however often it was wrapped.
func (r *Result) outcome(err error) {
	if err == nil {
		return
	}
	var wire interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &wire) {
		st := status.FromContextError(err)
		r.Code, r.Err = st.Code(), st.Message()
		return
	}
	st := wire.GRPCStatus()
	r.Code, r.Err = st.Code(), st.Message()
}
