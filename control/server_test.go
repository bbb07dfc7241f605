package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

func TestActionsReachTheLab(t *testing.T) {
	lab := newFake()
	c := start(t, t.TempDir(), lab)
	for _, step := range []struct {
		do   Action
		want string
	}{
		{Action{Do: Inject, Kind: "kill", Targets: []string{"greeter-2"}}, "fault 1: kill greeter-2, for 1m0s"},
		{Action{Do: Inject, Kind: "pause", Targets: []string{"greeter-1"}, For: Forever}, "fault 2: pause greeter-1, until somebody heals it"},
		{Action{Do: Resume, Targets: []string{"greeter-1"}}, "healed 2 (pause greeter-1)"},
		{Action{Do: Heal, ID: 1}, "healed 1: kill greeter-2"},
		{Action{Do: Inject, Kind: "slow", Targets: []string{"a", "b"}, For: "90s"}, "fault 1: slow a b, for 1m30s"},
		{Action{Do: HealAll}, "healed 1 (slow a b)"},
		{Action{Do: HealAll}, "nothing was injected"},
		{Action{Do: Scale, N: 4}, "4 replicas; new: greeter-4"},
		{Action{Do: Scale, N: 3}, "3 replicas, as before"},
		{Action{Do: Rate, Rate: 12.5}, "12.5 RPC/s from now on"},
		{Action{Do: Call}, "one call made"},
		{Action{Do: Stop}, "the stack is stopping"},
	} {
		r, err := c.Do(t.Context(), step.do)
		if err != nil || r.Msg != step.want {
			t.Errorf("%s: %q, %v; want %q", step.do, r.Msg, err, step.want)
		}
	}
	if lab.rate != 12.5 || lab.calls != 1 || !lab.stopped {
		t.Errorf("rate %v, %d calls, stopped %v", lab.rate, lab.calls, lab.stopped)
	}
	acted := lab.log.Events()
	if len(acted) != 12 || acted[0].Type != timeline.UserActed || acted[0].Msg != "somebody: inject kill greeter-2" {
		t.Errorf("the record says %v", acted)
	}
}

// Resume ends pauses, and nothing else that the replica suffers from.
func TestResumeHealsPausesOnly(t *testing.T) {
	lab := newFake()
	for _, kind := range []string{"slow", "pause"} {
		if _, err := Perform(t.Context(), lab, Action{Do: Inject, Kind: kind, Targets: []string{"greeter-1"}}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Perform(t.Context(), lab, Action{Do: Resume, Targets: []string{"greeter-1"}})
	if err != nil || !slices.Equal(r.Healed, []int{2}) || len(lab.open) != 1 || lab.open[0].Kind != "slow" {
		t.Errorf("%+v, %v; open: %v", r, err, lab.open)
	}
}

// Every fault that a hand injects has an owner and an end.
func TestFaultsHaveOwnerAndLimit(t *testing.T) {
	for text, want := range map[string]time.Duration{"": DefaultFor, "90s": 90 * time.Second, Forever: 0} {
		lab := newFake()
		if _, err := Perform(t.Context(), lab, Action{Do: Inject, By: "key", Kind: "kill", For: text}); err != nil {
			t.Fatal(err)
		}
		if lab.last.For != want || lab.last.Owner != "by hand (key)" {
			t.Errorf("for %q: %+v", text, lab.last)
		}
	}
	for _, text := range []string{"0", "0s", "-1s", "soon"} {
		lab := newFake()
		_, err := Perform(t.Context(), lab, Action{Do: Inject, Kind: "kill", For: text})
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Usage || !strings.Contains(e.Hint, Forever) {
			t.Errorf("for %q: %v", text, err)
		}
		if len(lab.open) > 0 {
			t.Errorf("for %q: injected all the same", text)
		}
	}
}

// An error is the same on both sides of the socket: kind, words and hint.
func TestErrorsTravel(t *testing.T) {
	c := start(t, t.TempDir(), newFake())
	_, logErr := c.LogPath(t.Context(), "greter-1")
	do := func(a Action) error { _, err := c.Do(t.Context(), a); return err }
	for _, x := range []struct {
		err  error
		want Error
	}{
		{logErr, Error{NotFound, `nobody called "greter-1" writes a log`, "did you mean greeter-1?"}},
		{do(Action{Do: "dance"}), Error{Usage, `there is no action "dance"`, ""}},
		{do(Action{Do: Heal, ID: 7}), Error{NotFound, "fault 7 is not injected", "nothing is injected"}},
		{do(Action{Do: Resume, Targets: []string{"greeter-1"}}), Error{NotFound, "nobody paused greeter-1", "nothing is injected"}},
		{do(Action{Do: Inject, Kind: "bite"}), Error{Broken, errSocket.Error(), ""}},
	} {
		e, ok := errors.AsType[*Error](x.err)
		if !ok || *e != x.want {
			t.Errorf("got %+v, want %+v", x.err, x.want)
		}
	}
}

func TestEventsArriveAsTheyHappen(t *testing.T) {
	lab := newFake()
	c := start(t, t.TempDir(), lab)
	tell := func(n int) {
		lab.log.Append(timeline.Event{Type: timeline.LogLine, Src: "test", Msg: fmt.Sprint("<", n, ">")})
	}
	tell(1)
	tell(2)
	tell(3)
	var got []string
	err := c.Events(t.Context(), 1, true, func(e timeline.Event) error {
		got = append(got, e.Msg)
		switch len(got) {
		case 2:
			tell(4) // only now: it has to arrive on an open stream
		case 3:
			lab.log.Close()
		}
		return nil
	})
	if want := []string{"<2>", "<3>", "<4>"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestEventsWithoutFollowEnd(t *testing.T) {
	lab := newFake()
	c := start(t, t.TempDir(), lab)
	lab.log.Append(timeline.Event{Type: timeline.LogLine, Src: "test"})
	n := 0
	if err := c.Events(t.Context(), 0, false, func(timeline.Event) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestFollowerMayLeave(t *testing.T) {
	c := start(t, t.TempDir(), newFake())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Events(ctx, 0, true, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestStrangeRequests(t *testing.T) {
	for name, x := range map[string]struct {
		method, path, body string
		code               int
	}{
		"GET changes nothing": {"GET", actionPath, `{"do":"stop"}`, http.StatusMethodNotAllowed},
		"not JSON":            {"POST", actionPath, `stop`, http.StatusBadRequest},
		"unknown field":       {"POST", actionPath, `{"do":"stop","fast":true}`, http.StatusBadRequest},
		"too much":            {"POST", actionPath, `{"do":"stop","kind":"` + strings.Repeat("x", maxBody) + `"}`, http.StatusBadRequest},
		"no such event":       {"GET", eventsPath + "?since=first", "", http.StatusBadRequest},
		"no such path":        {"GET", "/", "", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			lab, w := newFake(), httptest.NewRecorder()
			Handler(lab).ServeHTTP(w, httptest.NewRequest(x.method, x.path, strings.NewReader(x.body)))
			if w.Code != x.code || lab.stopped {
				t.Errorf("code %d, stopped %v: %s", w.Code, lab.stopped, w.Body)
			}
		})
	}
}
