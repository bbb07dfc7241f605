package browser

import (
	"context"

	"github.com/chromedp/chromedp"
)

// Eval is the value of a JavaScript expression on the page, and of a promise when it is one,
// read as T. It runs as a debugger would: the page's content security policy does not bind it.
func Eval[T any](p *Page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		p.t.Fatalf("evaluate %.200s: %v\nconsole: %q", js, err, p.Complaints())
	}
	return v
}
