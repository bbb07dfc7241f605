package web

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

// tales keeps what it was asked for.
type tales struct{ told []string }

func (t *tales) List() []Story {
	return []Story{{Name: "kill-node", Title: "a death", Tier: 1, Asks: true}}
}
func (t *tales) End() error { t.told = append(t.told, "end"); return nil }

func (t *tales) Now() *Telling {
	return &Telling{Name: "kill-node", Verdict: timeline.Pass, Dir: "runs/1"}
}

func (t *tales) Tell(_ context.Context, name string, step, predict bool) (Telling, error) {
	if len(t.told) > 0 {
		return Telling{}, &Refusal{Status: http.StatusConflict, Msg: "kill-node is being told"}
	}
	b, _ := json.Marshal([]any{name, step, predict})
	t.told = append(t.told, string(b))
	return Telling{Name: name, URL: "http://127.0.0.1:1/"}, nil
}

func TestStoriesAreToldOneAtATime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	told := &tales{}
	s := Serve(l, Config{Log: timeline.NewLog(time.Now()), Stories: told})
	t.Cleanup(func() { s.Close() })
	code, _, body := send(t, "GET", s.URL()+"api/stories", "")
	if want := `"now":{"name":"kill-node","url":"","verdict":"pass","dir":"runs/1"}`; code != http.StatusOK || !strings.Contains(body, want) {
		t.Errorf("%d %s", code, body)
	}
	for _, c := range []struct {
		body, want string
		code       int
	}{
		{`{"do":"tell","target":"kill-node","args":{"step":"true","predict":"no"}}`, `"url":"http://127.0.0.1:1/"`, 200},
		{`{"do":"tell","target":"kill-node"}`, "is being told", 409},
		{`{"do":"end_story"}`, "heals and stops", 200},
		{`{"do":"inject","kind":"kill"}`, "only shows", 403},
	} {
		if code, _, body := send(t, "POST", s.URL()+"api/actions", c.body, "Content-Type", "application/json"); code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.body, code, body)
		}
	}
	if want := `["kill-node",true,false] end`; strings.Join(told.told, " ") != want {
		t.Errorf("told %q, want %q", told.told, want)
	}
}

func TestADashboardWithoutStoriesTellsNone(t *testing.T) {
	s, _ := serve(t)
	if code, _, body := send(t, "POST", s.URL()+"api/actions", `{"do":"tell","target":"kill-node"}`, "Content-Type", "application/json"); code != http.StatusForbidden {
		t.Errorf("%d %s", code, body)
	}
	if code, _, body := send(t, "GET", s.URL()+"api/stories", ""); code != http.StatusOK || strings.TrimSpace(body) != `{"stories":[]}` {
		t.Errorf("%d %s", code, body)
	}
}
