package resolver

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// inFirstSecond counts the requests f saw in the second after its first.
func inFirstSecond(t *testing.T, f *fake) int {
	eventually(t, "a request", func() bool { return len(f.seen()) > 0 })
	start := f.seen()[0].at
	eventually(t, "a second passed", func() bool { return time.Since(start) > 1200*time.Millisecond })
	n := 0
	for _, r := range f.seen() {
		if r.at.Sub(start) <= time.Second {
			n++
		}
	}
	return n
}

func TestHotLoopsAreTamed(t *testing.T) {
	t.Parallel()
	same := func(int) int { return 2 }
	loops := map[string]*struct {
		index     func(n int) string
		instances func(n int) int
		fake      *fake
		cc        *fakeChannel
	}{
		"index always 0":  {index: func(int) string { return "0" }, instances: same},
		"no index header": {index: func(int) string { return "" }, instances: same},
		"index garbage":   {index: func(int) string { return "x" }, instances: same},
		"same index":      {index: func(int) string { return "7" }, instances: same},
		"index churns":    {index: func(n int) string { return strconv.Itoa(n + 7) }, instances: same},
		"index flaps":     {index: func(n int) string { return strconv.Itoa(100 - n%2) }, instances: same},
		"always new":      {index: func(int) string { return "0" }, instances: func(n int) int { return 1 + n%7 }},
		"always empty":    {index: func(int) string { return "0" }, instances: func(int) int { return 0 }},
	}
	for _, l := range loops { // all at once, since each is a matter of a second
		l.fake = newFake(t)
		l.fake.answer(func(w http.ResponseWriter, _ *http.Request, n int) bool {
			reply200(w, l.index(n), web(l.instances(n))...)
			return true
		})
		l.cc, _, _ = resolve(t, l.fake, "")
	}
	for name, l := range loops {
		n := inFirstSecond(t, l.fake)
		if n > 15 {
			t.Errorf("%s: %d requests in the first second", name, n)
		}
		if l.instances(1) == l.instances(2) && l.cc.updates() > 1 {
			t.Errorf("%s: %d updates of one list", name, l.cc.updates())
		}
		if want := "9000 9001"; l.instances(1) == 2 && l.instances(2) == 2 && name != "index garbage" && l.cc.has() != want {
			t.Errorf("%s: has %s", name, l.cc.has())
		}
		t.Logf("%s: %d requests in the first second", name, n)
	}
}

func TestErrorsBackOffAndResolveNowIsNoWayAround(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		http.Error(w, "No cluster leader", http.StatusInternalServerError)
		return true
	})
	cc, rec, r := resolve(t, f, "")
	stop := time.After(3 * time.Second)
	for storm := true; storm; {
		select {
		case <-stop:
			storm = false
		case <-time.After(time.Millisecond):
			r.ResolveNow(grpcNow)
		}
	}
	requests := f.seen()
	first := 0
	for _, q := range requests {
		if q.at.Sub(requests[0].at) <= time.Second {
			first++
		}
	}
	if first > 5 || len(requests) > 9 {
		t.Errorf("%d requests in the first second, %d in three", first, len(requests))
	}
	if n := len(cc.errors()); n != 1 {
		t.Errorf("the same error was reported %d times", n)
	}
	if n := len(kinds(rec, KindBackoff)); n < 3 {
		t.Errorf("%d backoff events", n)
	}
	if !strings.Contains(cc.lastError(), "No cluster leader") || !strings.Contains(cc.lastError(), `"web"`) {
		t.Errorf("error %q", cc.lastError())
	}
}

func TestResolveNowShortensALongBackoff(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.set("web", web(1)...)
	f.answer(func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n > 7 {
			return false
		}
		http.Error(w, "oops", http.StatusInternalServerError)
		return true
	})
	cc, rec, r := resolve(t, f, "")
	eventually(t, "it works again", func() bool { r.ResolveNow(grpcNow); return cc.has() == "9000" })
	if len(kinds(rec, KindResolveNow)) == 0 {
		t.Error("no backoff was shortened")
	}
	requests := f.seen()
	for i := 6; i < 8; i++ { // from the sixth on the backoff alone exceeds a second
		if gap := requests[i].at.Sub(requests[i-1].at); gap < 900*time.Millisecond {
			t.Errorf("attempt %d came %s after the one before", i, gap)
		}
	}
}

func TestResolveNowLeavesAHealthyQueryAlone(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	cc, _, r := resolve(t, f, "")
	eventually(t, "a list and a blocking query", func() bool { return cc.has() == "9000" && len(f.seen()) == 2 })
	for range 100 {
		r.ResolveNow(grpcNow)
	}
	f.set("web", web(2)...)
	eventually(t, "the change", func() bool { return cc.has() == "9000 9001" })
	eventually(t, "the next query", func() bool { return len(f.seen()) == 3 })
	if got := strings.Join(f.indexes(), ","); got != ",11,12" {
		t.Errorf("indexes asked with: %s", got)
	}
}

func TestIndexThatGoesBackStartsOverButDelivers(t *testing.T) {
	f := newFake(t)
	b, rec := newTestBuilder(t)
	cc := &fakeChannel{}
	f.answer(func(w http.ResponseWriter, r *http.Request, n int) bool {
		// Each answer waits until the balancer has the one before: the newest would win.
		for cc.updates() < n-1 && r.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if n <= 3 {
			reply200(w, []string{"", "100", "50", "51"}[n], web(n)...)
			return true
		}
		<-r.Context().Done()
		return true
	})
	build(t, b, "consul://"+f.Listener.Addr().String()+"/web", cc)
	eventually(t, "four queries and three lists", func() bool { return len(f.indexes()) == 4 && cc.has() == "9000 9001 9002" })
	if got := strings.Join(f.indexes(), ","); got != ",100,,51" {
		t.Errorf("indexes asked with: %s", got)
	}
	if cc.updates() != 3 || len(kinds(rec, KindIndexReset)) != 1 {
		t.Errorf("%d updates, %d resets", cc.updates(), len(kinds(rec, KindIndexReset)))
	}
}

func TestConsulRestartIsSeenAtOnce(t *testing.T) {
	f := newFake(t)
	f.change(func() { f.index = 1000; f.entries["web"] = web(1) })
	cc, _, _ := resolve(t, f, "")
	eventually(t, "the first list and a blocking query", func() bool { return cc.has() == "9000" && len(f.seen()) == 2 })
	f.mu.Lock()
	f.index, f.entries["web"] = 20, web(3)[1:]
	f.mu.Unlock()
	f.CloseClientConnections()
	eventually(t, "the new list", func() bool { return cc.has() == "9001 9002" })
	if got := strings.Join(f.indexes(), ","); !strings.HasPrefix(got, ",1001,") {
		t.Errorf("indexes asked with: %s", got)
	}
}

func TestFrozenAgentIsNoticed(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	cc, _, _ := resolve(t, f, "?wait=100ms&timeout=200ms")
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	f.answer(func(_ http.ResponseWriter, r *http.Request, _ int) bool { <-r.Context().Done(); return true })
	eventually(t, "a timeout", func() bool { return strings.Contains(cc.lastError(), "no answer in time") })
	f.answer(nil)
	f.set("web", web(2)...)
	eventually(t, "recovery", func() bool { return cc.has() == "9000 9001" })
}

func TestFirstQueryFailsThenWorks(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	f.answer(func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		return n == 1
	})
	cc, _, _ := resolve(t, f, "")
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
	if len(cc.errors()) != 1 {
		t.Errorf("errors %v", cc.errors())
	}
}
