package web

import (
	"context"
	"flag"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"devstack/internal/browser"
)

var measure = flag.Bool("measure", false, "measure what takes long and needs a quiet machine")

// traffic makes four ticks a second of n calls each, evenly over three replicas, until ctx
// ends.
func (f *fake) traffic(ctx context.Context, n int) {
	picks := strings.Repeat("123", n/3+1)[:n]
	every := time.NewTicker(250 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			f.tick(picks, 1, 2, 3)
		case <-ctx.Done():
			return
		}
	}
}

// watchFrames notes the pause between every two animation frames for so many milliseconds,
// and the tasks of the page's thread that took more than 50 ms.
const watchFrames = `new Promise((done) => {
  const pauses = [], long = [], begin = performance.now(); let last = 0;
  const seen = new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)));
  seen.observe({ type: 'longtask' });
  const next = (t) => {
    if (last) pauses.push(t - last);
    last = t;
    if (t - begin < 10000) return requestAnimationFrame(next);
    seen.disconnect();
    done({ Pauses: pauses, Long: long });
  };
  requestAnimationFrame(next);
})`

// TestMeasureFrames measures the stage at 200 dots a second: go test ./view/web -run
// TestMeasureFrames -measure -v. It asserts nothing: a machine that does something else as
// well has other figures.
func TestMeasureFrames(t *testing.T) {
	if !*measure {
		t.Skip("only with -measure")
	}
	p := browser.Open(t, 1280, 720)
	for _, c := range []struct {
		name string
		rate int
		keys string
	}{{"calm", 0, ""}, {"200 a second", 200, ""}, {"200 a second, present", 200, "P"}} {
		t.Run(c.name, func(t *testing.T) {
			p.In(t)
			frames(t, p, c.rate, c.keys)
		})
	}
}

func frames(t *testing.T, p *browser.Page, rate int, keys string) {
	s, f := serve(t)
	ctx, stop := context.WithCancel(t.Context())
	var feeding sync.WaitGroup
	if rate > 0 {
		feeding.Go(func() { f.traffic(ctx, rate/4) })
	}
	t.Cleanup(func() { stop(); feeding.Wait() })
	p.Go(s.URL())
	p.Wait(row("2", ".process") + `.includes('running')`)
	if keys != "" {
		p.Press(keys)
	}
	browser.Eval[any](p, `new Promise((done) => setTimeout(() => done(null), 2000))`) // the dots of the first ticks
	before := p.Metrics()
	got := browser.Eval[struct{ Pauses, Long []float64 }](p, watchFrames)
	after := p.Metrics()
	slices.Sort(got.Pauses)
	at := func(q float64) float64 { return got.Pauses[int(q*float64(len(got.Pauses)-1))] }
	t.Logf("%d frames: median %.1f ms (%.0f fps), p95 %.1f ms, p99 %.1f ms, longest %.1f ms; tasks over 50 ms: %.0f",
		len(got.Pauses), at(0.5), 1000/at(0.5), at(0.95), at(0.99), at(1), got.Long)
	share := func(name string) float64 {
		return 100 * (after[name] - before[name]) / (after["Timestamp"] - before["Timestamp"])
	}
	t.Logf("of one core, the page's thread: %.1f %%: scripts %.1f %%, styles %.1f %%, layout %.1f %%", share("TaskDuration"), share("ScriptDuration"),
		share("RecalcStyleDuration"), share("LayoutDuration"))
}
