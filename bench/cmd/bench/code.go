package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"devstack/bench/figures"
)

// hotPath is a Go benchmark beside the code, and what it tells.
type hotPath struct {
	what, who  string
	pkg, bench string // the benchmark's name without "Benchmark"
	unit       string // sec/op, or sec/event of those that fold a whole record
}

func hotPaths() []hotPath {
	const event, picture, call, answer = "one event", "one picture", "one call, beside the call itself", "answer of 5000 instances → State"
	return []hotPath{
		{event, "appended to the timeline", "./timeline", "Append", "sec/op"},
		{event, "folded", "./view/web", "Fold", "sec/event"},
		{event, "folded: a tick, with the past full", "./view", "AddTick", "sec/op"},
		{event, "read from a record and folded", "./view", "FoldRecorded", "sec/event"},
		{event, "encoded for a page: a tick", "./view/web", "Event", "sec/op"},
		{picture, "of the page, encoded", "./view/web", "Frame", "sec/op"},
		{picture, "of the terminal, drawn", "./view/terminal", "Render", "sec/op"},
		{call, "closed loop", "./load", "ClosedLoop", "sec/op"},
		{call, "open loop", "./load", "OpenLoop", "sec/op"},
		{call, "its due time", "./load", "Pacer/constant", "sec/op"},
		{call, "counted in histograms", "./load", "MetricsAdd", "sec/op"},
		{call, "written to the record", "./load", "WriterAdd", "sec/op"},
		{answer, "the resolver", "./resolver", "Update/5000", "sec/op"},
		{answer, "the bare decode", "./resolver", "Decode/5000", "sec/op"},
	}
}

// code runs the Go benchmarks of the hot paths, each as often as there are rounds.
func (b *bench) code(ctx context.Context) ([]figures.Row, error) {
	names := map[string][]string{}
	for _, p := range hotPaths() {
		top, _, _ := strings.Cut(p.bench, "/")
		names[p.pkg] = append(names[p.pkg], top)
	}
	measured := map[string][]float64{}
	for _, pkg := range slices.Sorted(maps.Keys(names)) {
		out, err := b.goBench(ctx, pkg, names[pkg])
		if err == nil {
			err = readBench(pkg, out, measured)
		}
		if err != nil {
			return nil, fmt.Errorf("go test -bench in %s: %w", pkg, err)
		}
	}
	var order []string
	by := map[string]*figures.Samples{}
	for _, p := range hotPaths() {
		if by[p.what] == nil {
			order, by[p.what] = append(order, p.what), &figures.Samples{}
		}
		if len(measured[p.key()]) == 0 {
			return nil, fmt.Errorf("%s has no Benchmark%s with %s any more", p.pkg, p.bench, p.unit)
		}
		by[p.what].Add(p.who, measured[p.key()]...)
	}
	var rows []figures.Row
	for _, what := range order {
		rows = append(rows, by[what].Rows(what, "µs", "the resolver")...)
	}
	return rows, nil
}

func (p hotPath) key() string { return p.pkg + " " + p.bench + " " + p.unit }

// goBench runs some benchmarks of a package of devstack.
func (b *bench) goBench(ctx context.Context, pkg string, names []string) ([]byte, error) {
	cmd := b.command(ctx, "go", "test", pkg, "-run", "^$", "-bench", "^Benchmark("+strings.Join(names, "|")+")$",
		"-benchtime", "200ms", "-count", fmt.Sprint(b.rounds))
	cmd.Dir = b.root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return out, nil
}

// readBench adds what go test printed to measured, by hotPath.key and in microseconds.
func readBench(pkg string, out []byte, measured map[string][]float64) error {
	r := benchfmt.NewReader(bytes.NewReader(out), pkg)
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return rec
		case *benchfmt.Result:
			name := string(rec.Name.Full())
			if at := strings.LastIndexByte(name, '-'); at > 0 { // the number of processors
				name = name[:at]
			}
			for _, v := range rec.Values {
				key := pkg + " " + name + " " + v.Unit
				measured[key] = append(measured[key], v.Value*1e6)
			}
		}
	}
	if err := r.Err(); err != nil && err != io.EOF {
		return err
	}
	return nil
}
