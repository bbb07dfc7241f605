package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"devstack/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a stack that does as it is told and says so in its log.
type fake struct {
	log *timeline.Log

	mu    sync.Mutex
	did   []string
	fault int
}

func (f *fake) Do(_ context.Context, a Action) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, _ := json.Marshal(a)
	f.did = append(f.did, string(b))
	switch a.Do {
	case "inject":
		if a.Target == "" {
			return nil, &Refusal{Status: http.StatusBadRequest, Msg: "kill needs a target", Hint: "greeter-1"}
		}
		f.fault++
		f.breakOne(a)
	case "heal", "heal_all":
		f.mend()
	case "scale":
		return nil, errors.New("out of replicas")
	}
	return map[string]string{"message": a.Do + " done"}, nil
}

func (f *fake) tell(e timeline.Event) { f.log.Append(e) }

// breakOne is what the record of a kill looks like.
func (f *fake) breakOne(a Action) {
	on := []string{timeline.Replica(a.Target)}
	f.tell(timeline.Event{Type: timeline.FaultInjected, On: on, Sev: "bad", Msg: a.Kind + " " + a.Target,
		D: timeline.Fault{ID: f.fault, Kind: a.Kind, Targets: []string{a.Target}, TTL: 60}})
	f.tell(timeline.Event{Type: timeline.ReplicaExited, On: on, Sev: "bad", Msg: a.Target + " exited: signal: killed"})
	f.tell(timeline.Event{Type: timeline.SubchannelChanged, On: on, Sev: "warn", Msg: "subchannel " + a.Target + " READY → IDLE",
		D: timeline.Subchannel{Replica: a.Target, From: "READY", To: "IDLE"}})
	f.tell(timeline.Event{Type: timeline.PickerUpdated, Msg: "picker READY", D: timeline.Picker{State: "READY", Ready: []string{"greeter-1", "greeter-3"}}})
	f.tick("131313131313", 1, 3)
	f.tick("131313131313", 1, 3)
	f.tick("131313131313", 1, 3)
	f.tick("1313131b31-1", 1, 3)
}

func (f *fake) mend() {
	on := []string{timeline.Replica("greeter-2")}
	f.tell(timeline.Event{Type: timeline.ReplicaListening, On: on, Sev: "good", Msg: "greeter-2 listens", D: timeline.Process{PID: 7, Addr: "127.0.0.1:9002"}})
	f.tell(timeline.Event{Type: timeline.SubchannelChanged, On: on, Sev: "good", Msg: "subchannel greeter-2 CONNECTING → READY",
		D: timeline.Subchannel{Replica: "greeter-2", From: "CONNECTING", To: "READY"}})
	f.tell(timeline.Event{Type: timeline.PickerUpdated, Msg: "picker READY", D: timeline.Picker{State: "READY", Ready: []string{"greeter-1", "greeter-2", "greeter-3"}}})
	f.tell(timeline.Event{Type: timeline.FaultHealed, On: on, Sev: "good", Msg: "healed", D: timeline.Fault{ID: f.fault, Kind: "kill", Targets: []string{"greeter-2"}}})
	f.tick("123123123123", 1, 2, 3)
}

// tick is a quarter of a second of traffic.
func (f *fake) tick(picks string, to ...int) {
	d := timeline.Tick{Seconds: 0.25, Rate: 48, Replicas: map[string]timeline.TickShare{}, P50MS: 1.2, P99MS: 3.4, Picks: picks, Failed: map[string]int{}}
	for _, n := range to {
		d.Replicas[fmt.Sprint("greeter-", n)] = timeline.TickShare{OK: strings.Count(picks, fmt.Sprint(n))}
	}
	if n := strings.Count(picks, "-"); n > 0 {
		d.Failed["UNAVAILABLE"] = n
	}
	f.tell(timeline.Event{Type: timeline.TrafficTick, Src: "client/1", Msg: "traffic", D: d})
}

// begin is a stack of three that is ready.
func (f *fake) begin() {
	f.tell(timeline.Event{Type: timeline.RunStarted, Msg: "run up started", D: timeline.Started{Name: "up"}})
	f.tell(timeline.Event{Type: timeline.ConsulStarted, Msg: "Consul started"})
	f.tell(timeline.Event{Type: timeline.ConsulLeaderElected, Msg: "leader", D: timeline.Leader{Addr: "127.0.0.1:1"}})
	names := []string{"greeter-1", "greeter-2", "greeter-3"}
	status := map[string]string{}
	for i, name := range names {
		on := []string{timeline.Replica(name)}
		status[name] = "passing"
		f.tell(timeline.Event{Type: timeline.ReplicaListening, On: on, Msg: name + " listens", D: timeline.Process{PID: 100 + i, Addr: fmt.Sprint("127.0.0.1:900", i+1)}})
		f.tell(timeline.Event{Type: timeline.ConsulCheckChanged, On: on, Msg: name + " passing", D: timeline.CheckChange{Replica: name, To: "passing"}})
		f.tell(timeline.Event{Type: timeline.SubchannelChanged, On: on, Msg: name + " READY", D: timeline.Subchannel{Replica: name, To: "READY"}})
	}
	f.tell(timeline.Event{Type: timeline.ConsulServiceChange, Msg: "catalog", D: timeline.CatalogChange{Index: 12, Status: status}})
	f.tell(timeline.Event{Type: timeline.ResolverUpdated, Sev: "good", Msg: "resolver pushed 3 endpoints", D: timeline.Resolved{Index: 12, Endpoints: names}})
	f.tell(timeline.Event{Type: timeline.PickerUpdated, Msg: "picker READY", D: timeline.Picker{State: "READY", Ready: names}})
	f.tell(timeline.Event{Type: timeline.StackReady, Msg: "ready", D: timeline.Ready{Target: "consul://127.0.0.1/greeter",
		Consul: timeline.ConsulAddrs{UI: "http://127.0.0.1:8500/ui"}, ReadyMS: 345}})
	f.tick("123123123123", 1, 2, 3)
}

// serve is a dashboard over a fake that has begun, on a port of its own.
func serve(t *testing.T) (*Server, *fake) {
	t.Helper()
	f := &fake{log: timeline.NewLog(time.Now())}
	f.begin()
	return open(t, "127.0.0.1:0", Config{Log: f.log, Controls: f, Kinds: map[string]string{"kill": "SIGKILL"}}), f
}

func open(t *testing.T, addr string, cfg Config) *Server {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, cfg)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

// send makes one request that may lie about its headers.
func send(t *testing.T, method, url, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
		if pair[0] == "Host" {
			req.Host = pair[1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // follows nothing
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// message is one server-sent event.
type message struct{ id, kind, data string }

// listen opens the stream, as a page that saw the event last.
func listen(t *testing.T, s *Server, last string) (*bufio.Scanner, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); resp.Body.Close() })
	sc := bufio.NewScanner(resp.Body)
	sc.Buffer(nil, 16<<20)
	return sc, cancel
}

// read is the next message, false at the end of the stream.
func read(sc *bufio.Scanner) (m message, more bool) {
	for sc.Scan() {
		name, value, _ := strings.Cut(sc.Text(), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.kind = value
		case "data":
			m.data = value
		case "":
			if m.kind != "" {
				return m, true
			}
		}
	}
	return m, false
}
