package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// unusedPort is one of loopback that nobody listens on, below the ports of outgoing connections
// and those that stacks choose from: another test's call cannot take it meanwhile.
func unusedPort() (string, error) {
	const low, high = 10000, 15000
	for range 100 {
		port := fmt.Sprint(low + rand.IntN(high-low))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return "", errors.New("no port is free between 10000 and 15000")
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := unusedPort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}
