package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// port looks whether Consul could have its usual port, and who has it otherwise. A port
// that is taken is no harm: devstack then takes another one.
func port(n int) examination {
	return func(context.Context) (string, []finding, error) {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(n)))
		if err == nil {
			return fmt.Sprintf("port %d is free for Consul", n), nil, l.Close()
		}
		who := listener(n)
		if who == "" {
			who = "somebody that this user cannot see"
		}
		return fmt.Sprintf("port %d is taken by %s; Consul takes another one", n, who), nil, nil
	}
}
