package browser

import (
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// Metrics are the counters of the page's renderer so far, by their names in the DevTools
// protocol's Performance domain, such as ScriptDuration (seconds) and JSHeapUsedSize (bytes).
func (p *Page) Metrics() map[string]float64 {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{})
	if err != nil {
		p.t.Fatalf("enable metrics: %v", err)
	}
	got, err := chromedp.Call(p.ctx, performance.GetMetrics, struct{}{})
	if err != nil {
		p.t.Fatalf("read metrics: %v", err)
	}
	out := map[string]float64{}
	for _, m := range got.Metrics {
		out[m.Name] = m.Value
	}
	return out
}
