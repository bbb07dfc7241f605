package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"devstack/timeline"
)

// hours of a run at callRate, as its record has them.
const (
	hours    = 8
	callRate = 30
	ticks    = hours * 3600 * 4
)

// shift appends the record of a long run to f's log: its ticks, a fault every ten minutes
// that costs a few calls, and a pause of the machine every half a minute. When all is lost,
// every call fails. It calls pause every thousand ticks, for a follower to catch up as one
// does who has hours for it.
func (f *fake) shift(lost bool, pause func()) {
	for i := range ticks {
		picks := strings.Clone("1231231231231231"[i%3 : i%3+7+i%2])
		if lost {
			picks = "bbbbbbbb"[:7+i%2]
			for n := range picks {
				f.tell(failedCall(i, n))
			}
		}
		f.tick(picks, 1, 2, 3)
		if i%120 == 0 {
			f.tell(timeline.Event{Type: timeline.MachineStalled, Src: "devstack", Msg: "this machine did not run devstack for 46 ms", D: timeline.Stall{MS: 46}})
		}
		if i%2400 == 1200 {
			f.Do(context.Background(), Action{Do: "inject", Kind: "kill", Target: "greeter-2"})
			for n := range 20 {
				f.tell(failedCall(i, n))
			}
			f.Do(context.Background(), Action{Do: "heal_all"})
		}
		if i%1000 == 0 {
			pause()
		}
	}
}

func failedCall(i, n int) timeline.Event {
	msg := fmt.Sprintf("connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:%d: connect: connection refused\"", 9000+n)
	return timeline.Event{Type: timeline.RPCFailed, Src: "client/1", On: []string{timeline.Replica("greeter-2")}, Sev: timeline.Bad,
		Msg: "RPC failed at greeter-2: UNAVAILABLE " + msg,
		D:   timeline.RPC{N: uint64(i + n), Code: "UNAVAILABLE", Error: msg, Replica: "greeter-2"}}
}

// TestMeasureMemory measures what a day's record costs the process that keeps it, with a
// dashboard over it, and how long a page waits for a moment of it.
func TestMeasureMemory(t *testing.T) {
	if !*measure {
		t.Skip("only with -measure")
	}
	for _, lost := range []bool{false, true} {
		t.Run(map[bool]string{false: "a day", true: "a day on which every call fails"}[lost], func(t *testing.T) { day(t, lost) })
	}
}

func day(t *testing.T, lost bool) {
	before := heap()
	s, f := serve(t)
	begin := time.Now()
	f.shift(lost, func() {
		if err := awaitFold(s, f); err != nil {
			t.Fatal(err)
		}
	})
	n := f.log.Len()
	t.Logf("%d h at %d RPC/s: %d events, recorded and folded in %s, %.1f µs each", hours, callRate, n, time.Since(begin).Round(time.Millisecond),
		float64(time.Since(begin).Microseconds())/float64(n))
	after := heap()
	t.Logf("heap after a collection: %.1f MB, %.1f MB of it the run's; resident: %s", mb(after), mb(after-before), resident())
	for _, part := range []float64{0.5, 1} {
		begin = time.Now()
		w := s.hub.at(part * f.log.At(time.Now()))
		folded := time.Since(begin)
		b, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("?at= %.0f %% of it: %s to fold, %s more to write %d kB", 100*part, folded.Round(time.Millisecond), (time.Since(begin) - folded).Round(time.Millisecond), len(b)>>10)
	}
	begin = time.Now()
	whole, _ := s.whole()
	b, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("hello: %d kB in %s", len(b)>>10, time.Since(begin).Round(time.Millisecond))
	t.Logf("resident after that: %s", resident())
}

func awaitFold(s *Server, f *fake) error {
	last := f.log.Len()
	for end := time.Now().Add(time.Minute); s.hub.seq() < last; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("folded %d of %d events", s.hub.seq(), last)
		}
	}
	return nil
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func mb(n uint64) float64 { return math.Round(float64(n)/1e5) / 10 }

// resident is what the system counts as this process's memory now, and at most so far.
func resident() string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	var parts []string
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "VmHWM") {
			parts = append(parts, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(parts, ", ")
}
