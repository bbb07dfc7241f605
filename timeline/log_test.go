package timeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestNumberAndTimeAgree(t *testing.T) {
	l := NewLog(time.Now())
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 500 {
				l.Append(Event{Type: LogLine})
			}
		})
	}
	writers.Wait()
	events := l.Events()
	if len(events) != 4000 {
		t.Fatalf("%d events, want 4000", len(events))
	}
	for i, e := range events {
		if e.Seq != uint64(i)+1 {
			t.Fatalf("event %d has seq %d", i, e.Seq)
		}
		if i > 0 && e.T < events[i-1].T {
			t.Fatalf("event %d is earlier than the one before: %v < %v", e.Seq, e.T, events[i-1].T)
		}
	}
}

func TestEveryFollowerSeesEverything(t *testing.T) {
	l := NewLog(time.Now())
	var followers sync.WaitGroup
	counts := make([]int, 5)
	for i := range counts {
		followers.Go(func() {
			if err := l.Follow(t.Context(), 0, func(Event) error { counts[i]++; return nil }); err != nil {
				t.Errorf("follower %d: %v", i, err)
			}
		})
	}
	for range 1000 {
		l.Append(Event{Type: LogLine})
	}
	l.Close()
	followers.Wait()
	for i, n := range counts {
		if n != 1000 {
			t.Errorf("follower %d saw %d of 1000", i, n)
		}
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	l := NewLog(time.Now())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Next(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Fatalf("Next returned %v, want the context's end", err)
	}
	l.Close()
	if _, err := l.Next(t.Context(), 0); err != io.EOF {
		t.Fatalf("Next on a closed log returned %v, want EOF", err)
	}
}

func TestConsequencesNameTheirFault(t *testing.T) {
	l := NewLog(time.Now())
	on := []string{Replica("greeter-2")}
	before := l.Append(Event{Type: SubchannelChanged, On: on})
	l.Append(Event{Type: FaultInjected, On: on, D: Fault{ID: 7}})
	during := l.Append(Event{Type: SubchannelChanged, On: on})
	other := l.Append(Event{Type: SubchannelChanged, On: []string{Replica("greeter-1")}})
	l.Append(Event{Type: FaultHealed, On: on, D: Fault{ID: 7}})
	after := l.Append(Event{Type: SubchannelChanged, On: on})
	for _, c := range []struct {
		what string
		e    Event
		want int
	}{{"before", before, 0}, {"during", during, 7}, {"another replica", other, 0}, {"after", after, 0}} {
		if c.e.Fault != c.want {
			t.Errorf("%s: fault %d, want %d", c.what, c.e.Fault, c.want)
		}
	}
}

func TestRecordReadsBack(t *testing.T) {
	l := NewLog(time.Now())
	l.Append(Event{Type: RPCFailed, On: []string{Replica("greeter-2")}, D: RPC{N: 3, Code: "UNAVAILABLE", Replica: "greeter-2"}})
	l.Append(Event{Type: ReplicaExited, Msg: "a <b> & c"})
	l.Close()
	var file bytes.Buffer
	if err := l.WriteTo(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	whole := file.String()
	events, err := Read(strings.NewReader(whole))
	if err != nil || len(events) != 2 {
		t.Fatalf("read %d events, %v", len(events), err)
	}
	if r, ok := Payload[RPC](events[0]); !ok || r.N != 3 || r.Code != "UNAVAILABLE" {
		t.Errorf("payload came back as %+v, %v", r, ok)
	}
	if events[1].Msg != "a <b> & c" {
		t.Errorf("message came back as %q", events[1].Msg)
	}
	cut, err := Read(strings.NewReader(whole[:len(whole)-5]))
	if !errors.Is(err, ErrTruncated) || len(cut) != 1 {
		t.Errorf("a cut record gave %d events and %v, want 1 and ErrTruncated", len(cut), err)
	}
	if _, err := Read(strings.NewReader("{}\nnonsense\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a broken line gave %v, want its number", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	l := NewLog(time.Now())
	e := Event{Type: RPCFailed, On: []string{Replica("greeter-2")}, D: RPC{N: 1}}
	b.ReportAllocs()
	for b.Loop() {
		l.Append(e)
	}
}
