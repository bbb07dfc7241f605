package main

import (
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
)

// row is one way to misbehave and what is counted of it.
type row struct {
	what string
	run  func(b subject) string
}

func rows() []row {
	hot := func(what string, index func(n int) string) row {
		return row{what + ": requests in the 1st second, updates", func(b subject) string {
			return hotLoop(b, func(n int) (string, []*api.ServiceEntry, int) { return index(n), web(2), http.StatusOK })
		}}
	}
	return []row{
		{"is down from the start: a call with 1.5 s to go", downAtStart},
		{"knows nobody: a call with 1.5 s to go", nobody},
		hot("says index 0", func(int) string { return "0" }),
		hot("sends no index", func(int) string { return "" }),
		hot("never blocks, same index", func(int) string { return "7" }),
		hot("never blocks, index grows, same list", func(n int) string { return strconv.Itoa(n + 7) }),
		{"answers 500: requests in the 1st second", func(b subject) string { return failing(b, false) }},
		{"answers 500, and grpc asks to resolve 1,000 times a second: requests", func(b subject) string { return failing(b, true) }},
		{"index goes back from 100 to 50: indexes asked with", indexBack},
		{"restarts, index 1000 → 20, new list: time to see it", restart},
		{"blocks, the channel closes: goroutines 1 s later", closing},
		{"changes all the time, 200 channels come and go: goroutines 1 s later", churn},
		{"loses all instances: the balancer's list", lastLeaves},
		{"has an IPv6 address", func(b subject) string { return address(b, instance("a", "fd00::1", 80)) }},
		{"has an instance without an address (its node's is meant)", func(b subject) string { return address(b, instance("a", "", 80)) }},
		{"user:password in the target: what is sent", userinfo},
		{"is asked as consul://a/web/", func(b subject) string { return path(b, "/web/") }},
		{"is asked as consul://a//web", func(b subject) string { return path(b, "//web") }},
		{"is asked as consul://a/a%3Fb", func(b subject) string { return path(b, "/a%3Fb") }},
		{"is asked by 50 channels: queries and connections", fifty},
		{"six edits of a tag: TCP connections to the instance", tagEdits},
	}
}

func hotLoop(b subject, answer func(int) (string, []*api.ServiceEntry, int)) string {
	c := newConsul(answer)
	defer c.stop()
	s, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	n := c.firstSecond()
	return fmt.Sprintf("%d, %d", n, s.updates())
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
	c := keeping(5)
	defer c.stop()
	return firstCall(b, c.addr())
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

func failing(b subject, storm bool) string {
	c := newConsul(func(int) (string, []*api.ServiceEntry, int) { return "", nil, http.StatusInternalServerError })
	defer c.stop()
	_, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	if storm {
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
					r.ResolveNow(grpcresolver.ResolveNowOptions{})
				}
			}
		}()
	}
	return fmt.Sprint(c.firstSecond())
}

func indexBack(b subject) string {
	c := newConsul(nil)
	defer c.stop()
	c.answer = func(n int) (string, []*api.ServiceEntry, int) {
		return []string{"", "100", "50", "51", "52"}[min(n, 4)], web(min(n, 4)), http.StatusOK
	}
	_, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(3*time.Second, func() bool { return c.count() >= 4 })
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, q := range c.asked[:min(4, len(c.asked))] {
		if q.index == "" {
			q.index = "–"
		}
		out = append(out, q.index)
	}
	return strings.Join(out, ", ")
}

func restart(b subject) string {
	c := keeping(1000, web(1)...)
	defer c.stop()
	s, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(3*time.Second, func() bool { return s.has() == "127.0.0.1:9000" && c.count() >= 2 })
	c.mu.Lock() // a new agent: nobody is woken, connections are cut
	c.index = 20
	c.answer = func(int) (string, []*api.ServiceEntry, int) { return "20", web(3)[1:], http.StatusOK }
	c.mu.Unlock()
	c.CloseClientConnections()
	took, ok := within(10*time.Second, func() bool { return s.has() == "127.0.0.1:9001 127.0.0.1:9002" })
	if !ok {
		return "not in 10 s"
	}
	return took.Round(10 * time.Millisecond).String()
}

func closing(b subject) string {
	c := keeping(5, web(1)...)
	defer c.stop()
	s, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	within(3*time.Second, func() bool { return s.has() != "-" && c.count() >= 2 })
	r.Close()
	return left(b)
}

// left counts the goroutines that run b's code.
func left(b subject) string {
	time.Sleep(time.Second)
	buf := make([]byte, 1<<22)
	n := 0
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if running, _, _ := strings.Cut(g, "created by"); strings.Contains(running, b.code) {
			n++
		}
	}
	return fmt.Sprint(n)
}

func churn(b subject) string {
	c := newConsul(func(n int) (string, []*api.ServiceEntry, int) { return strconv.Itoa(n), web(1 + n%3), http.StatusOK })
	defer c.stop()
	for range 200 {
		_, r := build(b, "consul://"+c.addr()+"/web")
		if r == nil {
			return "refused"
		}
		time.Sleep(time.Millisecond)
		r.Close()
	}
	return left(b)
}

func lastLeaves(b subject) string {
	c := keeping(5, web(1)...)
	defer c.stop()
	s, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(3*time.Second, func() bool { return s.has() == "127.0.0.1:9000" })
	c.set(6)
	if _, ok := within(3*time.Second, func() bool { return s.has() == "" }); !ok {
		return "keeps " + s.has()
	}
	return "cleared"
}

func address(b subject, e *api.ServiceEntry) string {
	c := keeping(5, e)
	defer c.stop()
	s, r := build(b, "consul://"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(2*time.Second, func() bool { return s.has() != "-" })
	return s.has()
}

func userinfo(b subject) string {
	c := keeping(5, web(1)...)
	defer c.stop()
	_, r := build(b, "consul://ann:secret@"+c.addr()+"/web")
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(2*time.Second, func() bool { return c.count() > 0 })
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.asked) == 0 || c.asked[0].user == ":" {
		return "nothing"
	}
	return "yes"
}

func path(b subject, p string) string {
	c := keeping(5, web(1)...)
	defer c.stop()
	_, r := build(b, "consul://"+c.addr()+p)
	if r == nil {
		return "refused"
	}
	defer r.Close()
	within(2*time.Second, func() bool { return c.count() > 0 })
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.asked) == 0 {
		return "asks nothing"
	}
	return "asks for `" + strings.TrimPrefix(c.asked[0].path, "/v1/health/service/") + "`"
}

func fifty(b subject) string {
	c := keeping(5, web(1)...)
	defer c.stop()
	var all []*spy
	for range 50 {
		s, r := build(b, "consul://"+c.addr()+"/web")
		if r == nil {
			return "refused"
		}
		defer r.Close()
		all = append(all, s)
	}
	for _, s := range all {
		within(3*time.Second, func() bool { return s.has() != "-" })
	}
	time.Sleep(200 * time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d, %d", len(c.asked), c.conns)
}

func tagEdits(b subject) string {
	port, conns, stop := serve()
	defer stop()
	c := keeping(5, instance("a", "127.0.0.1", port))
	defer c.stop()
	conn, err := dial(b, "consul://"+c.addr()+"/web")
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	if err := call(conn, 5*time.Second); err != nil {
		return err.Error()
	}
	for n := range 6 {
		asked := c.count()
		c.set(uint64(6+n), instance("a", "127.0.0.1", port, fmt.Sprint("tag-", n)))
		within(2*time.Second, func() bool { return c.count() > asked })
		time.Sleep(50 * time.Millisecond)
		if err := call(conn, 5*time.Second); err != nil {
			return err.Error()
		}
	}
	return fmt.Sprint(conns.Load())
}
