package proc

// Note is one line that a child tells its parent.
type Note struct {
	Kind string `json:"kind"`           // Listening, or a word of the child's own
	Addr string `json:"addr,omitempty"` // with Listening: host:port
	PID  int    `json:"pid,omitempty"`  // with Listening: the process that faults should hit, when not the child itself
	Err  string `json:"err,omitempty"`
}

// Listening is the Kind of the first note of a child that serves.
const Listening = "listening"

// childEnv carries the two file descriptors, "up,down", to the child.
const childEnv = "DEVSTACK_CHILD_FDS"
