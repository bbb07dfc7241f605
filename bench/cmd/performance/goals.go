package main

import (
	"fmt"
	"strings"

	"devstack/bench/figures"
)

// goal is a bound that was set before anything was measured.
type goal struct {
	figure string
	what   string // the measurement
	who    string
	read   func(figures.Pooled) float64
	least  bool // the bound is the least, not the most
	bound  float64
	unit   string
}

func medianOf(p figures.Pooled) float64 { return p.Median }

func ratioOf(p figures.Pooled) float64 { return p.Ratio }

// fasterThan is how many times what p takes devstack takes less.
func fasterThan(p figures.Pooled) float64 { return figures.Ratio(1, p.Ratio) }

func mostOften(p figures.Pooled) float64 { return p.At(0.9) }

func goals() []goal {
	all := []goal{
		{"exec → first successful RPC, 3 replicas", "exec → first RPC, 3 replicas", "devstack up", medianOf, false, 350, " ms"},
		{"the same greeters behind sdk/testutil take so many times as long", "all 3 replicas ready", "sdk/testutil, in sequence", fasterThan, true, 5, "×"},
		{"100 replicas ready", "exec → all of 100 replicas ready", "devstack up", medianOf, false, 4, " s"},
		{"memory for one more replica", "memory for one more replica, 3 to 100", "devstack up", medianOf, false, 20, " MB"},
		{"SIGKILL → last pick of the victim, 90 of 100", "SIGKILL → last pick of the victim", "devstack", mostOften, false, 10, " ms"},
	}
	for _, n := range []int{10, 100, 1000, 5000} {
		all = append(all, goal{fmt.Sprintf("change → `UpdateState`, %d instances, beside a bare blocking query", n),
			fmt.Sprintf("change → UpdateState, %d instances", n), "a bare blocking query", ratioOf, false, 1.2, "×"})
	}
	return append(all, []goal{
		{"answer of 5000 instances → `State`, beside the bare decode", "answer of 5000 instances → State", "the bare decode", ratioOf, false, 2, "×"},
		{"closed loop, concurrency 10, beside ghz", "closed loop, concurrency 10", "ghz v0.120.0", ratioOf, true, 2.3, "×"},
		{"closed loop, concurrency 10, beside a bare loop", "closed loop, concurrency 10", "bare loop", ratioOf, true, 0.9, "×"},
		{"5,000 RPC/s kept", "open loop, 5000 RPC/s wanted", "devstack load", medianOf, true, 99.5, " %"},
		{"one event appended", "one event", "appended to the timeline", medianOf, false, 1, " µs"},
		{"the terminal at 200 RPC/s, of a core", "a view adds to it", "the terminal", medianOf, false, 5, " %"},
		{"a page at 200 RPC/s, of a core", "a view adds to it", "a page", medianOf, false, 5, " %"},
	}...)
}

func goalTable(all figures.Combined) string {
	var b strings.Builder
	b.WriteString("| goal | bound | measured | |\n| --- | ---: | ---: | --- |\n")
	for _, g := range goals() {
		sign := "≤"
		if g.least {
			sign = "≥"
		}
		measured, met := "not measured", ""
		if p, ok := all.Find(g.what, g.who); ok {
			v := g.read(p)
			measured, met = figures.Digits(v)+g.unit, "met"
			if g.least && v < g.bound || !g.least && v > g.bound {
				met = "**missed**"
			}
		}
		fmt.Fprintf(&b, "| %s | %s %s%s | %s | %s |\n", g.figure, sign, figures.Digits(g.bound), g.unit, measured, met)
	}
	b.WriteString("\n")
	return b.String()
}
