package web

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const killBody = `{"do":"inject","kind":"kill","target":"greeter-2"}`

// Every line is something that a stranger's page, name or program may try.
func TestAttacks(t *testing.T) {
	s, f := serve(t)
	u, _ := url.Parse(s.URL())
	port := u.Port()
	asJSON := []string{"Content-Type", "application/json"}
	with := func(more ...string) []string { return append(slices.Clone(asJSON), more...) }
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		code                     int
	}{
		{"cross-site POST", "POST", "/api/actions", killBody, with("Sec-Fetch-Site", "cross-site"), 403},
		{"POST from another port of this host", "POST", "/api/actions", killBody, with("Sec-Fetch-Site", "same-site"), 403},
		{"foreign Origin", "POST", "/api/actions", killBody, with("Origin", "https://evil.example"), 403},
		{"Origin of another port", "POST", "/api/actions", killBody, with("Origin", "http://127.0.0.1:1"), 403},
		{"opaque Origin", "POST", "/api/actions", killBody, with("Origin", "null"), 403},
		{"rebinding Host, POST", "POST", "/api/actions", killBody, with("Host", "evil.example:"+port, "Origin", "http://evil.example:"+port), 421},
		{"rebinding Host, page", "GET", "/", "", []string{"Host", "evil.example:" + port}, 421},
		{"rebinding Host, data", "GET", "/api/state", "", []string{"Host", "127.0.0.1.evil.example:" + port}, 421},
		{"our address, another port", "GET", "/", "", []string{"Host", "127.0.0.1:1"}, 421},
		{"Host without a port", "GET", "/", "", []string{"Host", "127.0.0.1"}, 421},
		{"Host of the unspecified address", "GET", "/", "", []string{"Host", "0.0.0.0:" + port}, 421},
		{"Host that is none", "GET", "/", "", []string{"Host", "::"}, 421},
		{"a form's content type", "POST", "/api/actions", killBody, []string{"Content-Type", "text/plain"}, 415},
		{"a form", "POST", "/api/actions", "do=heal_all", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"no content type", "POST", "/api/actions", killBody, nil, 415},
		{"oversized body", "POST", "/api/actions", `{"do":"` + strings.Repeat("x", maxBody) + `"}`, asJSON, 413},
		{"oversized body behind an action", "POST", "/api/actions", killBody + strings.Repeat(" ", maxBody), asJSON, 413},
		{"GET on actions", "GET", "/api/actions?do=heal_all", "", nil, 405},
		{"PUT", "PUT", "/api/actions", killBody, asJSON, 405},
		{"OPTIONS", "OPTIONS", "/api/actions", "", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, 405},
		{"POST where nothing is", "POST", "/api/state", "{}", asJSON, 405},
		{"a path with dots", "GET", "/api/../app.js", "", nil, 404},
		{"a path out of the folder", "GET", "/../server.go", "", nil, 404},
		{"encoded dots", "GET", "/%2e%2e/server.go", "", nil, 404},
		{"encoded slash", "GET", "/api%2fstate", "", nil, 404},
		{"double slash", "GET", "//app.js", "", nil, 404},
		{"a backslash", "GET", "/..\\server.go", "", nil, 404},
		{"double slash before an action", "POST", "//api/actions", killBody, asJSON, 404},
		{"a file by its name in the source", "GET", "/static/app.js", "", nil, 404},
		{"data for a page elsewhere", "GET", "/api/state", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"the record for a page on another port", "GET", "/log.ndjson", "", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a stream for a page elsewhere", "GET", "/api/events", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a time that is none", "GET", "/api/state?at=NaN", "", nil, 400},
		{"a time before the start", "GET", "/api/state?at=-1", "", nil, 400},

		{"the page itself", "POST", "/api/actions", killBody, with("Origin", "http://127.0.0.1:"+port, "Sec-Fetch-Site", "same-origin"), 200},
		{"a terminal", "POST", "/api/actions", killBody, asJSON, 200},
		{"localhost by name", "GET", "/", "", []string{"Host", "LocalHost:" + port}, 200},
		{"loopback by its other address", "GET", "/", "", []string{"Host", "[::1]:" + port}, 200},
		{"a link from elsewhere", "GET", "/", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(f.did)
			code, h, body := send(t, c.method, strings.TrimSuffix(s.URL(), "/")+c.path, c.body, c.headers...)
			if code != c.code {
				t.Errorf("%d, want %d: %.200s", code, c.code, body)
			}
			if code != 200 && len(f.did) != before {
				t.Errorf("it was done: %s", f.did[before:])
			}
			if h.Get("Access-Control-Allow-Origin") != "" || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Errorf("headers: %v", h)
			}
		})
	}
}

func TestReadingChangesNothing(t *testing.T) {
	s, f := serve(t)
	before := len(f.log.Events())
	paths := []string{"api/state", "api/state?at=1", "log.ndjson", "api/actions"}
	for at := range maps.Keys(pages) {
		paths = append(paths, strings.TrimSuffix(at[1:], "{$}"))
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD"} {
			send(t, method, s.URL()+path, "")
		}
	}
	send(t, "HEAD", s.URL()+"api/events", "")
	if len(f.did) != 0 || len(f.log.Events()) != before {
		t.Errorf("did %v, %d events more", f.did, len(f.log.Events())-before)
	}
}

func TestADashboardForOthersOnlyShowsAndAsksForItsToken(t *testing.T) {
	_, f := serve(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(outside{l}, Config{Log: f.log, Controls: f})
	t.Cleanup(func() { s.Close() })
	s.Narrate()
	base := "http://" + l.Addr().String()
	token := s.URL()[strings.Index(s.URL(), "token=")+len("token="):]
	bearer := []string{"Authorization", "Bearer " + token}
	for _, c := range []struct {
		name, method, path string
		headers            []string
		code               int
	}{
		{"nothing", "GET", "/", nil, 401},
		{"data without it", "GET", "/api/state", nil, 401},
		{"script without it", "GET", "/app.js", nil, 401},
		{"a wrong one", "GET", "/?token=x", nil, 401},
		{"an empty one", "GET", "/?token=", nil, 401},
		{"in the URL of data", "GET", "/api/state?token=" + token, nil, 401},
		{"an action without it", "POST", "/api/actions", []string{"Content-Type", "application/json"}, 401},
		{"an action with it", "POST", "/api/actions", append(bearer, "Content-Type", "application/json"), 403},
		{"the page", "GET", "/?token=" + token, nil, 303},
		{"data", "GET", "/api/state", bearer, 200},
	} {
		if code, _, body := send(t, c.method, base+c.path, killBody, c.headers...); code != c.code {
			t.Errorf("%s: %d, want %d: %s", c.name, code, c.code, body)
		}
	}
	_, h, _ := send(t, "GET", base+"/?token="+token, "")
	cookie := h.Get("Set-Cookie")
	pair, _, _ := strings.Cut(cookie, ";")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("cookie: %s", cookie)
	}
	if code, _, _ := send(t, "GET", base+"/", "", "Cookie", pair); code != http.StatusOK {
		t.Errorf("with the cookie: %d", code)
	}
	if len(f.did) != 0 {
		t.Errorf("did %v", f.did)
	}
}

// outside is a loopback listener that says it is not one.
type outside struct{ net.Listener }

func (o outside) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: o.Listener.Addr().(*net.TCPAddr).Port}
}
