package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"devstack/resolver"
)

// lookup is what net.Resolver.LookupHost does.
type lookup func(ctx context.Context, host string) ([]string, error)

// remoteHosts are the hosts that target names and that are not this machine, or not only.
// What a catalog leads to is looked at when it is dialled.
func remoteHosts(ctx context.Context, target string, find lookup) []string {
	var hosts []string
	for _, addr := range targetAddrs(target) {
		if host := hostOf(addr); !isLoopback(ctx, host, find) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func targetAddrs(target string) []string {
	switch {
	case isConsul(target):
		t, err := resolver.ParseTarget(target)
		if err != nil {
			return nil
		}
		if len(t.Agents) == 0 && os.Getenv("CONSUL_HTTP_ADDR") != "" {
			return []string{os.Getenv("CONSUL_HTTP_ADDR")}
		}
		return t.Agents
	case isUnix(target):
		return nil
	}
	for _, scheme := range []string{"dns:", "passthrough:", "ipv4:", "ipv6:"} {
		if rest, ok := strings.CutPrefix(target, scheme); ok {
			rest = strings.TrimPrefix(rest, "//")
			return strings.Split(rest[strings.LastIndex(rest, "/")+1:], ",")
		}
	}
	return []string{target}
}

func isConsul(target string) bool { return strings.HasPrefix(target, resolver.Scheme+":") }

func isUnix(target string) bool {
	return strings.HasPrefix(target, "unix:") || strings.HasPrefix(target, "unix-abstract:")
}

// hostOf is the host of host:port, of a URL, or of a bare host.
func hostOf(addr string) string {
	if isUnix(addr) {
		return "localhost"
	}
	if u, err := url.Parse(addr); err == nil && u.Host != "" {
		return u.Hostname()
	}
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return strings.Trim(addr, "[]")
}

// isLoopback reports whether host is an address of this machine's loopback, or a name all
// of whose addresses are. A name that cannot be looked up is not.
func isLoopback(ctx context.Context, host string, find lookup) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	addrs, err := find(ctx, host)
	return err == nil && len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a string) bool {
		ip, err := netip.ParseAddr(a)
		return err != nil || !ip.Unmap().IsLoopback()
	})
}

// onlyLoopback looks at the address that a socket is about to connect to, after all names
// are resolved: nothing comes between the look and the connection.
func onlyLoopback(refused func(addr string)) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		addr, err := netip.ParseAddrPort(address)
		if err == nil && addr.Addr().Unmap().IsLoopback() {
			return nil
		}
		refused(address)
		return fmt.Errorf("%s is not this machine", address)
	}
}

// shownTarget is target without secrets.
func shownTarget(target string) string {
	if !isConsul(target) {
		return target
	}
	t, err := resolver.ParseTarget(target)
	if err != nil {
		return resolver.Scheme + "://…"
	}
	return t.Redacted()
}
