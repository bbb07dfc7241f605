package web

import (
	"crypto/subtle"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
)

// maxBody is the largest action that is read, in bytes.
const maxBody = 4 << 10

// policy lets the page load its own files and talk to its own server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard turns away what does not come from the page itself, before anything looks at it.
//
//   - Host: a name that was pointed here by a stranger's DNS is not our name.
//   - Token: who reaches us from another machine has to know it.
//   - Data is for pages of this origin; only the page itself may be linked to.
//   - A change needs the same origin and a content type that no form can send.
func (s *Server) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harden(w.Header())
		switch {
		case s.token == "" && !s.ourName(r.Host):
			refuse(w, http.StatusMisdirectedRequest, "this is not the name of the dashboard")
		case s.token != "" && !s.knowsToken(w, r):
			// answered
		case r.URL.Path != path.Clean(r.URL.Path) || r.URL.RawPath != "":
			refuse(w, http.StatusNotFound, "there is no such page")
		case r.Method == http.MethodPost && s.cfg.Controls == nil && s.cfg.Stories == nil && r.URL.Path == actionsPath && !s.gates.used():
			refuse(w, http.StatusForbidden, "this dashboard only shows")
		case r.Method == http.MethodPost && origin.Check(r) != nil, foreignRead(r):
			refuse(w, http.StatusForbidden, "this does not come from the dashboard's own page")
		case r.Method == http.MethodPost && !isJSON(r):
			refuse(w, http.StatusUnsupportedMediaType, "an action is application/json")
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			next.ServeHTTP(w, r)
		}
	})
}

func harden(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// loopback reports whether only this machine reaches a.
func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// ourName reports whether a Host header names this machine's loopback and our port.
func (s *Server) ourName(host string) bool {
	_, ours, err := net.SplitHostPort(s.addr.String())
	if err != nil {
		return false
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "80"
	}
	if port != ours {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback() && ip.Zone() == ""
}

// knowsToken accepts the token in a header, in a cookie, and once in the page's URL, which
// it turns into a cookie so that the token leaves the address bar. It answers who has none.
func (s *Server) knowsToken(w http.ResponseWriter, r *http.Request) bool {
	_, port, _ := net.SplitHostPort(s.addr.String())
	name := "devstack_" + port
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && s.isToken(bearer) {
		return true
	}
	if c, err := r.Cookie(name); err == nil && s.isToken(c.Value) {
		return true
	}
	if r.Method != http.MethodGet || r.URL.Path != "/" || !s.isToken(r.URL.Query().Get("token")) {
		refuse(w, http.StatusUnauthorized, "open the URL that devstack printed: it ends in a token")
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: s.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return false
}

func (s *Server) isToken(text string) bool {
	return subtle.ConstantTimeCompare([]byte(text), []byte(s.token)) == 1
}

// foreignRead reports whether a page of another origin asks for data. A link to the page
// itself is welcome from anywhere.
func foreignRead(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.URL.Path != "/" && site != "" && site != "same-origin" && site != "none"
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
