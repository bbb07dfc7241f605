package greeter

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/consul/api"

	"devstack/greeter/control"
)

// beats is a Consul that hears heartbeats only, without a network, so that fake time can pass.
type beats []string

func (b *beats) RoundTrip(r *http.Request) (*http.Response, error) {
	var body struct{ Status string }
	json.NewDecoder(r.Body).Decode(&body)
	*b = append(*b, r.URL.Path+" "+body.Status)
	if body.Status == api.HealthWarning {
		return nil, errors.New("lost on the way")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard beats
		cfg := api.DefaultConfig()
		cfg.HttpClient = &http.Client{Transport: &heard}
		consul, err := api.NewClient(cfg)
		if err != nil {
			t.Fatal(err)
		}
		lis, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer lis.Close()
		s, err := New(Config{Name: "r1", Listener: lis, Consul: consul, Check: CheckConfig{Kind: CheckTTL, TTL: 3 * time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		s.health.setUp(true)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go s.newKeeper("").heartbeat(ctx)
		for _, phase := range []struct {
			behave *control.Behaviour
			status string
			beats  int
		}{
			{&control.Behaviour{}, "passing", 5},
			{&control.Behaviour{Health: control.Health_NOT_SERVING}, "passing", 5}, // who can still speak passes
			{&control.Behaviour{TtlStall: true}, "", 0},
			{&control.Behaviour{Health: control.Health_WARNING}, "warning", 5},
			{&control.Behaviour{}, "passing", 5},
		} {
			heard = nil
			s.behaviour.current.Store(phase.behave)
			s.health.tell(phase.behave.GetHealth())
			time.Sleep(5 * time.Second)
			synctest.Wait()
			want := slices.Repeat(beats{"/v1/agent/check/update/service:r1 " + phase.status}, phase.beats)
			if !slices.Equal(heard, want) {
				t.Errorf("%v: heard %v, want %v", phase.behave, heard, want)
			}
		}
	})
}
