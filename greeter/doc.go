// Package greeter is the service that devstack balances load over: one replica of it (Server), and
// the call that a client makes (Call).
//
// A Server promises four things. It registers itself in Consul only once it can answer, and again
// whenever Consul has forgotten it. While Consul is away it keeps serving and keeps trying. It stops
// in the order it was told to, and when Run returns nothing of it is left: no goroutine, no socket.
// And it misbehaves only as its Control service was last told, so that a lesson can make a healthy
// process slow, wrong or deaf without touching its code.
//
// The wire contracts are in helloworld/helloworld.proto and control/control.proto; the code beside
// them is generated (see generate.go) and committed.
package greeter
