package web

import (
	"regexp"
	"strings"
	"testing"
)

const mostBytes = 160 << 10

var address = regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9]`)

// inline is what the page's policy would not run: a test finds it before a browser does.
var inline = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script>|innerHTML|insertAdjacentHTML|document\.write|\beval\(|javascript:`)

func TestThePageIsSmallAndComplete(t *testing.T) {
	all := 0
	for at, p := range pages {
		all += len(p.body)
		text := strings.ReplaceAll(string(p.body), "http://www.w3.org/2000/svg", "") // a name, not an address
		for _, line := range strings.Split(text, "\n") {
			code := line
			if i := strings.Index(code, "// "); i >= 0 {
				code = code[:i]
			}
			if address.MatchString(code) {
				t.Errorf("%s leads elsewhere: %s", at, line)
			}
		}
		if found := inline.FindString(string(p.body)); found != "" {
			t.Errorf("%s holds %q", at, found)
		}
		if p.kind == "" || len(p.body) == 0 {
			t.Errorf("%s: kind %q, %d bytes", at, p.kind, len(p.body))
		}
	}
	if all > mostBytes || len(pages) < 4 {
		t.Errorf("%d bytes in %d files, %d allowed", all, len(pages), mostBytes)
	}
}
