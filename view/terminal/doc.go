// Package terminal draws a run on a whole terminal: who believes what, one cell per RPC,
// who knew when. Render is pure: a State of package view in, lines of text out. Model puts
// keys, a clock and a feed of events around it.
package terminal
