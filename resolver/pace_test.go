package resolver

import (
	"testing"
	"time"
)

// perSecond is how many answers the pacer lets through in each of the first seconds, when each comes at once and
// changed says whether it brought news. It runs on invented time.
func perSecond(seconds int, changed func(n int) bool) []int {
	var p pacer
	start := time.Unix(1000, 0)
	now, out := start, make([]int, seconds)
	for n := 0; ; n++ {
		s := int(now.Sub(start) / time.Second)
		if s >= seconds {
			return out
		}
		out[s]++
		now = now.Add(time.Millisecond + p.pause(now, time.Millisecond, slowest, changed(n)))
	}
}

// A server that never blocks: at most fifteen queries in the first second; if they bring nothing, at most one in
// each second after, and one in five in the end.
func TestPacerAgainstAServerThatNeverBlocks(t *testing.T) {
	same := perSecond(120, func(n int) bool { return n == 0 })
	news := perSecond(120, func(int) bool { return true })
	if same[0] > 15 || news[0] > 15 {
		t.Errorf("in the first second %d and %d", same[0], news[0])
	}
	late := 0
	for s := 1; s < 120; s++ {
		if same[s] > 1 || news[s] > burstRate {
			t.Errorf("in second %d: %d without news, %d with", s+1, same[s], news[s])
		}
		if s >= 60 {
			late += same[s]
		}
	}
	if late > 13 {
		t.Errorf("%d in the second minute", late)
	}
}

// A server that blocks is never waited for.
func TestPacerLeavesAServerThatBlocksAlone(t *testing.T) {
	var p pacer
	now := time.Unix(1000, 0)
	for n := range 100 {
		now = now.Add(time.Minute)
		if d := p.pause(now, time.Minute, slowest, n%3 == 0); d != 0 {
			t.Fatalf("answer %d: pause of %s", n, d)
		}
	}
}

func TestBackoffByClass(t *testing.T) {
	const longest = 30 * time.Second
	for class, first := range map[Class][2]time.Duration{
		ClassServer: {100 * time.Millisecond, 200 * time.Millisecond}, ClassNetwork: {100 * time.Millisecond, 200 * time.Millisecond},
		ClassTimeout: {100 * time.Millisecond, 200 * time.Millisecond}, ClassThrottle: {time.Second, 2 * time.Second},
		ClassRefused: {5 * time.Second, 10 * time.Second}, ClassConfig: {5 * time.Second, 10 * time.Second},
	} {
		for range 200 {
			if d := backoff(1, class, longest); d < first[0] || d > first[1] {
				t.Fatalf("%s: first pause %s", class, d)
			}
			if d := backoff(1000, class, longest); d < longest/2 || d > longest {
				t.Fatalf("%s: late pause %s", class, d)
			}
		}
	}
}

// Five queries at most in the first second, even if the jitter is always at its shortest.
func TestFirstSecondOfBackoff(t *testing.T) {
	for range 1000 {
		spent, queries := time.Duration(0), 1
		for n := 1; ; n++ {
			if spent += backoff(n, ClassServer, time.Minute); spent > time.Second {
				break
			}
			queries++
		}
		if queries > 5 {
			t.Fatalf("%d queries", queries)
		}
	}
}

func TestNextIndex(t *testing.T) {
	for _, c := range []struct {
		asked, got, next uint64
		reset            bool
	}{
		{0, 10, 10, false}, {10, 11, 11, false}, {10, 10, 10, false}, {10, 9, 0, true}, {10, 1, 0, true},
		{0, 0, 1, false}, {1, 0, 1, false}, {10, 0, 1, true}, {0, 1, 1, false}, {1 << 63, 1<<64 - 1, 1<<64 - 1, false},
	} {
		if next, reset := nextIndex(c.asked, c.got); next != c.next || reset != c.reset {
			t.Errorf("asked %d, got %d: next %d, reset %v", c.asked, c.got, next, reset)
		}
	}
}
