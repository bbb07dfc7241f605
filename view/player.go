package view

import (
	"html"
	"html/template"
)

// Player is a page of its own that plays a run again, for a report to hold. The zero value
// is none. Package web makes it of the dashboard's drawing code.
type Player struct {
	Page   string // a whole HTML document that loads nothing
	Script string // the base64 SHA-256 of its only script, the one thing that a report may run
}

// policy is the report's content security policy: nothing from outside, and no script but
// the player's.
func (p Player) policy() template.HTML {
	policy := "default-src 'none'; style-src 'unsafe-inline'"
	if p.Page != "" {
		policy += "; script-src 'sha256-" + p.Script + "'"
	}
	return template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + policy + `">`) // base64 has no quotes
}

// Frame is the element that shows the page. html/template would take the tags out of it: it
// does not know that the text of a srcdoc is meant to have some.
func (p Player) Frame() template.HTML {
	return template.HTML(`<iframe title="The run, to be played again" loading="lazy" srcdoc="` + html.EscapeString(p.Page) + `"></iframe>`)
}
