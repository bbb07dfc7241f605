package stack

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports for agents are taken from below every common ephemeral range, so that an
// outgoing connection cannot take one between the moment it is found free and the moment
// that Consul binds it. Consul cannot be told to bind port 0.
const (
	portFloor = 15000
	portCeil  = 30000
)

// freePort finds a port that nobody listens on, for TCP and UDP, on loopback. Another
// process may still win it: who starts something on it must be ready to try again.
func freePort() (int, error) {
	for range 200 {
		port := portFloor + rand.IntN(portCeil-portFloor)
		if portFree(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port between %d and %d", portFloor, portCeil)
}

// claim takes a TCP port among stacks: who holds the UDP port of the same number may use
// it. Without it, two stacks that start together both find 8500 free, and the replicas of
// the one whose Consul loses register with the other's. The kernel ends a claim with its
// process.
func claim(port int) (io.Closer, error) {
	c, err := net.ListenPacket("udp", loopback(port))
	if err != nil {
		return nil, ErrPortTaken
	}
	l, err := net.Listen("tcp", loopback(port))
	if err != nil {
		c.Close()
		return nil, ErrPortTaken
	}
	l.Close()
	return c, nil
}

// claimAny claims a free port.
func claimAny() (int, io.Closer, error) {
	for {
		port, err := freePort()
		if err != nil {
			return 0, nil, err
		}
		if held, err := claim(port); err == nil {
			return port, held, nil
		}
	}
}

func portFree(port int) bool {
	addr := loopback(port)
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer l.Close()
	p, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	p.Close()
	return true
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
