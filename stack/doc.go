// Package stack is a running environment: a Consul agent, N greeter replicas, and a
// client that finds them through the consul:// resolver and calls them at a steady rate.
//
// It promises: Start gives a stack that answers, or an error and nothing left behind.
// Every inhabitant is a real process (the client excepted) that can be killed and
// paused. What happens is appended to a timeline as it is seen, by observers that are
// separate from the parts under test. Close stops everything in reverse order, and a
// devstack that is killed takes its children along (package proc). Everything listens
// on loopback.
package stack
