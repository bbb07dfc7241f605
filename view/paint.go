package view

import "devstack/timeline"

// Paint colours text for a terminal, or leaves it alone when it is false. Colour never
// says what the words do not.
type Paint bool

func (p Paint) code(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Bold is for headings.
func (p Paint) Bold(s string) string { return p.code("1", s) }

// Dim is for what may be skipped.
func (p Paint) Dim(s string) string { return p.code("2", s) }

// Sev colours by severity; info stays as it is.
func (p Paint) Sev(sev timeline.Sev, s string) string {
	switch sev {
	case timeline.Good:
		return p.code("32", s)
	case timeline.Warn:
		return p.code("33", s)
	case timeline.Bad:
		return p.code("31", s)
	}
	return s
}

// Verdict colours by verdict.
func (p Paint) Verdict(v timeline.Verdict, s string) string {
	switch v {
	case timeline.Pass:
		return p.code("1;32", s)
	case timeline.Fail:
		return p.code("1;31", s)
	}
	return p.code("1;33", s)
}
