package main

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"
	grpcresolver "google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"

	"devstack/bench/resolvers"
)

// row is one way to misbehave and what is counted of it.
type row struct {
	what string
	run  func(b subject) string
}

func rows() []row {
	all := []row{
		{"is down from the start: a call with 1.5 s to go", downAtStart},
		{"knows nobody: a call with 1.5 s to go", nobody},
	}
	for _, m := range resolvers.Misbehaviours() {
		all = append(all, row{m.What + ": requests in the 1st second, updates", func(b subject) string { return hotLoop(b, m.Answer) }})
	}
	return append(all, []row{
		{"answers 500, and grpc asks to resolve 1,000 times a second: requests", storm},
		{"index goes back from 100 to 50: indexes asked with", indexBack},
		{"restarts, index 1000 → 20, new list: time to see it", restart},
		{"blocks, the channel closes: goroutines 1 s later", closing},
		{"changes all the time, 200 channels come and go: goroutines 1 s later", churn},
		{"loses all instances: the balancer's list", lastLeaves},
		{"has an IPv6 address", func(b subject) string { return address(b, resolvers.Instance("a", "fd00::1", 80)) }},
		{"has an instance without an address (its node's is meant)", func(b subject) string { return address(b, resolvers.Instance("a", "", 80)) }},
		{"user:password in the target: what is sent", userinfo},
		{"is asked as consul://a/web/", func(b subject) string { return path(b, "/web/") }},
		{"is asked as consul://a//web", func(b subject) string { return path(b, "//web") }},
		{"is asked as consul://a/a%3Fb", func(b subject) string { return path(b, "/a%3Fb") }},
		{"is asked by 50 channels: queries and connections", fifty},
		{"six edits of a tag: TCP connections to the instance", tagEdits},
	}...)
}

func hotLoop(b subject, answer resolvers.Answer) string {
	c := resolvers.NewConsul(answer)
	defer c.Stop()
	s, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	n := c.FirstSecond()
	return fmt.Sprintf("%d, %d", n, s.Updates())
}

func downAtStart(b subject) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err.Error()
	}
	l.Close()
	return firstCall(b, l.Addr().String())
}

func nobody(b subject) string {
	c := resolvers.Keeping(5)
	defer c.Stop()
	return firstCall(b, c.Addr())
}

func firstCall(b subject, addr string) string {
	conn, err := dial(b, "consul://"+addr+"/web")
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	begin := time.Now()
	err = call(conn, 1500*time.Millisecond)
	text := strings.NewReplacer(addr, "…", "|", "/").Replace(status.Convert(err).Message())
	return fmt.Sprintf("%s after %s: %s", status.Code(err), time.Since(begin).Round(10*time.Millisecond), text)
}

// storm asks the resolver to look again all the time, as grpc does while connections fail.
func storm(b subject) string {
	c := resolvers.NewConsul(resolvers.Failing)
	defer c.Stop()
	_, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	stop, done := make(chan struct{}), make(chan struct{})
	defer func() { close(stop); <-done }()
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				r.ResolveNow(grpcresolver.ResolveNowOptions{})
			}
		}
	}()
	return fmt.Sprint(c.FirstSecond())
}

func indexBack(b subject) string {
	c := resolvers.NewConsul(func(n int) (string, []*api.ServiceEntry, int) {
		return []string{"", "100", "50", "51", "52"}[min(n, 4)], resolvers.Web(min(n, 4)), http.StatusOK
	})
	defer c.Stop()
	_, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(3*time.Second, func() bool { return c.Count() >= 4 })
	asked := c.Asked()
	var out []string
	for _, q := range asked[:min(4, len(asked))] {
		out = append(out, cmp.Or(q.Index, "–"))
	}
	return strings.Join(out, ", ")
}

func restart(b subject) string {
	c := resolvers.Keeping(1000, resolvers.Web(1)...)
	defer c.Stop()
	s, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(3*time.Second, func() bool { return s.Has() == "127.0.0.1:9000" && c.Count() >= 2 })
	c.Restart(20, resolvers.Web(3)[1:]...)
	took, ok := within(10*time.Second, func() bool { return s.Has() == "127.0.0.1:9001 127.0.0.1:9002" })
	if !ok {
		return "not in 10 s"
	}
	return took.Round(10 * time.Millisecond).String()
}

func closing(b subject) string {
	before := running(b)
	c := resolvers.Keeping(5, resolvers.Web(1)...)
	defer c.Stop()
	s, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	within(3*time.Second, func() bool { return s.Has() != "-" && c.Count() >= 2 })
	r.Close()
	return left(b, before)
}

// left is how many goroutines that run b's code have been added to those before, in a second.
func left(b subject, before int) string {
	time.Sleep(time.Second)
	return fmt.Sprint(running(b) - before)
}

// running counts the goroutines that run b's code. Those of earlier rows may be among them.
func running(b subject) int {
	buf := make([]byte, 1<<22)
	n := 0
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if now, _, _ := strings.Cut(g, "created by"); strings.Contains(now, b.code) {
			n++
		}
	}
	return n
}

func churn(b subject) string {
	before := running(b)
	c := resolvers.NewConsul(func(n int) (string, []*api.ServiceEntry, int) {
		return strconv.Itoa(n), resolvers.Web(1 + n%3), http.StatusOK
	})
	defer c.Stop()
	for range 200 {
		_, r := build(b, "consul://"+c.Addr()+"/web")
		if r == nil {
			return "refused"
		}
		time.Sleep(time.Millisecond)
		r.Close()
	}
	return left(b, before)
}

func lastLeaves(b subject) string {
	c := resolvers.Keeping(5, resolvers.Web(1)...)
	defer c.Stop()
	s, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(3*time.Second, func() bool { return s.Has() == "127.0.0.1:9000" })
	c.Set(6)
	if _, ok := within(3*time.Second, func() bool { return s.Has() == "" }); !ok {
		return "keeps " + s.Has()
	}
	return "cleared"
}

func address(b subject, e *api.ServiceEntry) string {
	c := resolvers.Keeping(5, e)
	defer c.Stop()
	s, r := build(b, "consul://"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(2*time.Second, func() bool { return s.Has() != "-" })
	return s.Has()
}

func userinfo(b subject) string {
	c := resolvers.Keeping(5, resolvers.Web(1)...)
	defer c.Stop()
	_, r := build(b, "consul://ann:secret@"+c.Addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(2*time.Second, func() bool { return c.Count() > 0 })
	if asked := c.Asked(); len(asked) == 0 || asked[0].User == ":" {
		return "nothing"
	}
	return "yes"
}

func path(b subject, p string) string {
	c := resolvers.Keeping(5, resolvers.Web(1)...)
	defer c.Stop()
	_, r := build(b, "consul://"+c.Addr()+p)
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(2*time.Second, func() bool { return c.Count() > 0 })
	asked := c.Asked()
	if len(asked) == 0 {
		return "asks nothing"
	}
	return "asks for `" + strings.TrimPrefix(asked[0].Path, "/v1/health/service/") + "`"
}

func fifty(b subject) string {
	c := resolvers.Keeping(5, resolvers.Web(1)...)
	defer c.Stop()
	var all []*resolvers.Spy
	for range 50 {
		s, r := build(b, "consul://"+c.Addr()+"/web")
		if r == nil {
			return "refused"
		}
		defer r.Close()
		all = append(all, s)
	}
	for _, s := range all {
		within(3*time.Second, func() bool { return s.Has() != "-" })
	}
	time.Sleep(200 * time.Millisecond)
	return fmt.Sprintf("%d, %d", c.Count(), c.Connections())
}

func tagEdits(b subject) string {
	port, conns, stop := serve()
	defer stop()
	c := resolvers.Keeping(5, resolvers.Instance("a", "127.0.0.1", port))
	defer c.Stop()
	conn, err := dial(b, "consul://"+c.Addr()+"/web")
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	if err := call(conn, 5*time.Second); err != nil {
		return err.Error()
	}
	for n := range 6 {
		asked := c.Count()
		c.Set(uint64(6+n), resolvers.Instance("a", "127.0.0.1", port, fmt.Sprint("tag-", n)))
		within(2*time.Second, func() bool { return c.Count() > asked })
		time.Sleep(50 * time.Millisecond)
		if err := call(conn, 5*time.Second); err != nil {
			return err.Error()
		}
	}
	return fmt.Sprint(conns.Load())
}
