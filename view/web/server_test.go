package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

func TestStateTellsThePresentAndThePast(t *testing.T) {
	s, f := serve(t)
	before := f.log.Events()[len(f.log.Events())-1].T
	if _, err := f.Do(t.Context(), Action{Do: "inject", Kind: "kill", Target: "greeter-2"}); err != nil {
		t.Fatal(err)
	}
	sc, _ := listen(t, s, "0") // until the hub has seen it all
	for m, more := read(sc); more && m.kind != "frame"; m, more = read(sc) {
	}
	now := getWhole(t, s.URL()+"api/state")
	if got := now.State.Replicas[1].Process; got != "exited" {
		t.Errorf("greeter-2 is %q now", got)
	}
	if len(now.Odd) != 1 || now.Odd[0] != "greeter-2" {
		t.Errorf("odd: %v", now.Odd)
	}
	if len(now.Waterfalls) != 1 || len(now.Points) != 5 || !strings.Contains(now.Tape, "b31-1") || len(now.State.Faults) != 1 {
		t.Errorf("waterfalls %v, %d points, tape %s, faults %v", now.Waterfalls, len(now.Points), now.Tape, now.State.Faults)
	}
	then := getWhole(t, fmt.Sprintf("%sapi/state?at=%f", s.URL(), before+1e-6))
	if got := then.State.Replicas[1].Process; got != "running" || len(then.Waterfalls) != 0 || len(then.Points) != 1 {
		t.Errorf("then: greeter-2 %q, %d waterfalls, %d points", got, len(then.Waterfalls), len(then.Points))
	}
	if len(now.Can) != len(Verbs) || now.Kinds["kill"] == "" {
		t.Errorf("can %v, kinds %v", now.Can, now.Kinds)
	}
}

func getWhole(t *testing.T, url string) Whole {
	t.Helper()
	code, _, body := send(t, "GET", url, "")
	var w Whole
	if err := json.Unmarshal([]byte(body), &w); err != nil || code != http.StatusOK {
		t.Fatalf("%d %s: %v", code, body, err)
	}
	return w
}

func TestStreamResumesWithoutAGap(t *testing.T) {
	s, f := serve(t)
	sc, cut := listen(t, s, "")
	hello, _ := read(sc)
	last, err := strconv.Atoi(hello.id)
	if hello.kind != "hello" || err != nil {
		t.Fatalf("first message: %+v", hello)
	}
	want := last
	cutAt := 0
	for range 3 {
		f.tick("123", 1, 2, 3)
		want++
	}
	for cutAt < want-1 {
		m, more := read(sc)
		if !more {
			t.Fatal("the stream ended")
		}
		if m.kind == "event" {
			cutAt, _ = strconv.Atoi(m.id)
		}
	}
	cut()
	for range 40 {
		f.tick("123", 1, 2, 3)
	}
	sc, _ = listen(t, s, strconv.Itoa(cutAt))
	for next := cutAt + 1; next <= want+40; {
		m, more := read(sc)
		if !more || m.kind == "hello" {
			t.Fatalf("after %d: %+v", next-1, m)
		}
		if m.kind != "event" {
			continue
		}
		if m.id != strconv.Itoa(next) {
			t.Fatalf("event %s, want %d", m.id, next)
		}
		var e timeline.Event
		if err := json.Unmarshal([]byte(m.data), &e); err != nil || e.Seq != uint64(next) {
			t.Fatalf("%s: %v", m.data, err)
		}
		next++
	}
}

func TestStreamStartsAnewWhenItCannotResume(t *testing.T) {
	s, _ := serve(t)
	for _, last := range []string{"", "999999", "-1", "x"} {
		sc, _ := listen(t, s, last)
		if m, _ := read(sc); m.kind != "hello" {
			t.Errorf("Last-Event-ID %q: first message %+v", last, m)
		}
	}
}

func TestStreamEndsWithTheRunAndWithTheServer(t *testing.T) {
	s, f := serve(t)
	sc, _ := listen(t, s, "")
	f.tell(timeline.Event{Type: timeline.RunEnded, Msg: "run ended", D: timeline.Ended{Reason: "interrupted"}})
	f.log.Close()
	var kinds []string
	var lastFrame string
	for m, more := read(sc); more; m, more = read(sc) {
		kinds = append(kinds, m.kind)
		if m.kind == "frame" {
			lastFrame = m.data
		}
	}
	if kinds[len(kinds)-1] != "bye" || !strings.Contains(lastFrame, `"ended":true`) {
		t.Errorf("the stream was %v, last frame %s", kinds, lastFrame)
	}
	other, _ := serve(t)
	sc, _ = listen(t, other, "")
	read(sc)
	if err := other.Close(); err != nil { // an open stream must not hold it up
		t.Fatal(err)
	}
	for _, more := read(sc); more; _, more = read(sc) {
	}
}

func TestFramesComeOnlyWithNewsAndAreFew(t *testing.T) {
	s, f := serve(t)
	sc, _ := listen(t, s, "")
	for range 300 {
		f.tick("123", 1, 2, 3)
	}
	f.tell(timeline.Event{Type: timeline.UserActed, Msg: "last"})
	frames, events := 0, 0
	for m, more := read(sc); more; m, more = read(sc) {
		if m.kind == "event" {
			events++
		}
		if m.kind != "frame" {
			continue
		}
		frames++
		var fr Frame
		if err := json.Unmarshal([]byte(m.data), &fr); err != nil {
			t.Fatal(err)
		}
		if fr.State.Seq == uint64(len(f.log.Events())) {
			break
		}
	}
	if frames > 40 { // the burst takes far less than ten seconds
		t.Errorf("%d frames for %d events", frames, events)
	}
}

func TestActionsReachTheControls(t *testing.T) {
	s, f := serve(t)
	for _, c := range []struct {
		body string
		code int
		says string
	}{
		{`{"do":"inject","kind":"kill","target":"greeter-2","for":"60s"}`, 200, "inject done"},
		{`{"do":"heal","id":1}`, 200, "heal done"},
		{`{"do":"heal_all"}`, 200, "heal_all done"},
		{`{"do":"rate","rate":50}`, 200, "rate done"},
		{`{"do":"call"}`, 200, "call done"},
		{`{"do":"inject","kind":"kill"}`, 400, `"hint":"greeter-1"`},
		{`{"do":"scale","n":99}`, 500, "out of replicas"},
		{`{"do":"stop"}`, 400, "no action stop"},
		{`{"do":"next"}`, 409, "does not wait"},
		{`{"do":"heal_all","colour":1}`, 400, "colour"},
		{`{"do":"heal_all"}{"do":"heal_all"}`, 400, "more than one"},
		{`nonsense`, 400, "read the action"},
	} {
		code, _, body := send(t, "POST", s.URL()+"api/actions", c.body, "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin")
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", c.body, code, body)
		}
	}
	if want := `{"do":"inject","kind":"kill","target":"greeter-2","for":"60s"}`; f.did[0] != want || len(f.did) != 7 {
		t.Errorf("did %d: %v", len(f.did), f.did)
	}
}

func TestAStoryWaitsForThePage(t *testing.T) {
	s, f := serve(t)
	s.Narrate()
	type end struct {
		said string
		err  error
	}
	done := make(chan end)
	go func() {
		err := s.Gate(t.Context(), "kill")
		said := ""
		if err == nil {
			said, err = s.Predict(t.Context(), timeline.Prediction{Ask: "who is first?", Options: []string{"gRPC", "Consul"}})
		}
		done <- end{said, err}
	}()
	post := func(body string) int {
		code, _, _ := send(t, "POST", s.URL()+"api/actions", body, "Content-Type", "application/json")
		return code
	}
	await(t, s, func(q *Question) bool { return q != nil && q.Step == "kill" })
	if code := post(`{"do":"predict","said":"gRPC"}`); code != http.StatusConflict {
		t.Errorf("a prediction at a step: %d", code)
	}
	if code := post(`{"do":"next"}`); code != http.StatusOK {
		t.Errorf("next: %d", code)
	}
	await(t, s, func(q *Question) bool { return q != nil && q.Ask == "who is first?" })
	if code := post(`{"do":"predict","said":"neither"}`); code != http.StatusBadRequest {
		t.Errorf("an answer that is none: %d", code)
	}
	if code := post(`{"do":"predict","said":"gRPC"}`); code != http.StatusOK {
		t.Errorf("predict: %d", code)
	}
	if e := <-done; e.said != "gRPC" || e.err != nil {
		t.Errorf("the story heard %+v", e)
	}
	await(t, s, func(q *Question) bool { return q == nil })
	if _, err := f.log.Await(t.Context(), 0, func(e timeline.Event) bool { return e.Type == timeline.ScenarioGatePassed }); err != nil {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Gate(gone, "look"); err == nil {
		t.Error("a gate outlived its context")
	}
}

func await(t *testing.T, s *Server, ok func(*Question) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		_, _, next := s.hub.news()
		if ok(getWhole(t, s.URL()+"api/state").Question) {
			return
		}
		select {
		case <-next:
		case <-ctx.Done():
		}
	}
	t.Fatal("the question never came")
}

func TestRecordIsTheLog(t *testing.T) {
	s, f := serve(t)
	_, h, body := send(t, "GET", s.URL()+"log.ndjson", "")
	events, err := timeline.Read(strings.NewReader(body))
	if err != nil || len(events) != len(f.log.Events()) || h.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("%d events, %v, %v", len(events), h, err)
	}
}
