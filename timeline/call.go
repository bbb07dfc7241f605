package timeline

// Call is one RPC of a record. Times are seconds on the run's clock; Picked is 0 when it
// was never given a connection.
type Call struct {
	Due, Sent, Picked, Done float64
	OK                      bool
	Code                    string // canonical, such as DEADLINE_EXCEEDED
	Replica                 string // that answered, or that it was sent to; "" when neither
	Attempts                int
	Client                  string // that made it, as Client names it; "" for the first
	Key                     string // that it carried, "" for none
}

// Latency is the time from when the call was due until it was done, in seconds.
func (c Call) Latency() float64 { return c.Done - c.Due }
