package greeter

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"devstack/greeter/control"
)

// page is the small web server that a CheckHTTP probes: 200, 429 or 503 as health says.
type page struct {
	url    string
	server *http.Server
	done   chan struct{}
}

// openPage listens on a free port of host.
func openPage(host string, h *healthState) (*page, error) {
	lis, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, fmt.Errorf("listen for http checks: %w", err)
	}
	p := &page{
		url:    "http://" + lis.Addr().String() + "/health",
		server: &http.Server{Handler: http.HandlerFunc(h.serveHTTP), ReadHeaderTimeout: 5 * time.Second},
		done:   make(chan struct{}),
	}
	go func() {
		defer close(p.done)
		if err := p.server.Serve(lis); !errors.Is(err, http.ErrServerClosed) {
			lis.Close()
		}
	}()
	return p, nil
}

func (p *page) close() {
	p.server.Close()
	<-p.done
}

func (h *healthState) serveHTTP(w http.ResponseWriter, _ *http.Request) {
	st := h.now()
	w.WriteHeader(map[control.Health]int{
		control.Health_SERVING:     http.StatusOK,
		control.Health_WARNING:     http.StatusTooManyRequests,
		control.Health_NOT_SERVING: http.StatusServiceUnavailable,
	}[st])
	io.WriteString(w, st.String()+"\n")
}
