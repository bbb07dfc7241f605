package resolver

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func newUnstarted(t *testing.T, f *fake) *httptest.Server {
	t.Helper()
	return httptest.NewUnstartedServer(f)
}

// countConnections counts those that srv accepts.
func countConnections(srv *httptest.Server) func() int {
	var mu sync.Mutex
	n := 0
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			mu.Lock()
			n++
			mu.Unlock()
		}
	}
	return func() int { mu.Lock(); defer mu.Unlock(); return n }
}

// target is one channel on target, whatever that says about agents.
func target(t *testing.T, target string, opts ...Option) *fakeChannel {
	t.Helper()
	b, _ := newTestBuilder(t, opts...)
	cc := &fakeChannel{}
	build(t, b, target, cc)
	return cc
}

func TestWhereTheAgentComesFrom(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	addr := f.Listener.Addr().String()
	for name, c := range map[string]struct {
		target string
		env    string
		opts   []Option
	}{
		"target":               {"consul://" + addr + "/web", blackHole(t), []Option{WithAddress(blackHole(t))}},
		"option":               {"consul:///web", blackHole(t), []Option{WithAddress(addr)}},
		"environment":          {"consul:///web", addr, nil},
		"opaque":               {"consul:web", addr, nil},
		"trailing slash":       {"consul://" + addr + "/web/", "", nil},
		"double slash":         {"consul://" + addr + "//web", "", nil},
		"url as an option":     {"consul:///web", "", []Option{WithAddress("http://" + addr)}},
		"the second of two":    {"consul://" + blackHole(t) + "," + addr + "/web?max-backoff=10ms", "", nil},
		"the second option":    {"consul:///web?max-backoff=10ms", "", []Option{WithAddress(blackHole(t), addr)}},
		"agent parameter":      {"consul:///web?agent=" + addr, "", nil},
		"environment as URL":   {"consul:///web", "http://" + addr, nil},
		"whatever the wait is": {"consul://" + addr + "/web?wait=1s&timeout=1s", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CONSUL_HTTP_ADDR", c.env)
			cc := target(t, c.target, c.opts...)
			eventually(t, "a list", func() bool { return cc.has() == "9000" })
		})
	}
}

func TestAnAgentBehindAUnixSocket(t *testing.T) {
	f := unstartedFake()
	srv := newUnstarted(t, f)
	path := filepath.Join(t.TempDir(), "consul.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	f.Server = srv
	t.Cleanup(f.stop)
	f.set("web", web(1)...)
	cc := target(t, "consul:///web", WithAddress("unix://"+path))
	eventually(t, "a list", func() bool { return cc.has() == "9000" })
}

func TestPrivateCertificateAuthority(t *testing.T) {
	f := unstartedFake()
	srv := newUnstarted(t, f)
	srv.StartTLS()
	f.Server = srv
	t.Cleanup(f.stop)
	f.set("web", web(1)...)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pemOf(srv.Certificate()), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := f.Listener.Addr().String()
	t.Run("option", func(t *testing.T) {
		cc := target(t, "consul://"+addr+"/web", WithTLS(TLS{CAFile: ca}))
		eventually(t, "a list", func() bool { return cc.has() == "9000" })
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("CONSUL_CACERT", ca)
		t.Setenv("CONSUL_HTTP_SSL", "true")
		cc := target(t, "consul://"+addr+"/web")
		eventually(t, "a list", func() bool { return cc.has() == "9000" })
	})
	t.Run("unknown authority", func(t *testing.T) {
		cc := target(t, "consul://"+addr+"/web?scheme=https")
		eventually(t, "an error", func() bool { return len(cc.errors()) > 0 })
		if cc.has() != "-" {
			t.Error("believed a stranger")
		}
	})
	t.Run("not verified on request", func(t *testing.T) {
		cc := target(t, "consul://"+addr+"/web?scheme=https&insecure=true")
		eventually(t, "a list", func() bool { return cc.has() == "9000" })
	})
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func TestWhoAsks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		target, token, user, pass string
		env                       map[string]string
		opts                      []Option
	}{
		"token option":      {"consul://ADDR/web", "t1", "", "", nil, []Option{WithToken("t1")}},
		"token parameter":   {"consul://ADDR/web?token=t2", "t2", "", "", nil, []Option{WithToken("t1")}},
		"token environment": {"consul://ADDR/web", "t3", "", "", map[string]string{"CONSUL_HTTP_TOKEN": "t3"}, nil},
		"token file":        {"consul://ADDR/web", "from-file", "", "", nil, []Option{WithTokenFile(file)}},
		"token over file":   {"consul://ADDR/web?token=t2", "t2", "", "", nil, []Option{WithTokenFile(file)}},
		"option over env":   {"consul://ADDR/web", "from-file", "", "", map[string]string{"CONSUL_HTTP_TOKEN": "t3"}, []Option{WithTokenFile(file)}},
		"userinfo over env": {"consul://ann:secret@ADDR/web", "", "ann", "secret", map[string]string{"CONSUL_HTTP_AUTH": "bob:pw"}, nil},
		"userinfo":          {"consul://ann:secret@ADDR/web", "", "ann", "secret", nil, nil},
		"auth environment":  {"consul://ADDR/web", "", "bob", "pw", map[string]string{"CONSUL_HTTP_AUTH": "bob:pw"}, nil},
		"auth option":       {"consul://ADDR/web", "", "cy", "pw2", nil, []Option{WithBasicAuth("cy", "pw2")}},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			f := newFake(t)
			f.set("web", web(1)...)
			cc := target(t, strings.Replace(c.target, "ADDR", f.Listener.Addr().String(), 1), c.opts...)
			eventually(t, "a list", func() bool { return cc.has() == "9000" })
			if got := f.seen()[0]; got.token != c.token || got.user != c.user || got.pass != c.pass {
				t.Errorf("asked as %q, %q:%q", got.token, got.user, got.pass)
			}
		})
	}
}

// A rotated token is used from the next query on; a file caught half-written is not.
func TestTokenFileIsReadAgain(t *testing.T) {
	f := newFake(t)
	f.set("web", web(1)...)
	file := filepath.Join(t.TempDir(), "token")
	write := func(s string) {
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	cc := target(t, "consul://"+f.Listener.Addr().String()+"/web", WithTokenFile(file))
	eventually(t, "a list", func() bool { return cc.has() == "9000" && len(f.seen()) == 2 })
	last := func() string { s := f.seen(); return s[len(s)-1].token }
	for n, step := range []struct{ content, want string }{{"", "one"}, {"two-longer", "two-longer"}} {
		write(step.content)
		f.set("web", web(2+n)...)
		eventually(t, "the next query", func() bool { return len(f.seen()) == 3+n })
		if got := last(); got != step.want {
			t.Errorf("with the file %q: asked with %q", step.content, got)
		}
	}
}
