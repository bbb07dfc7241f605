package terminal

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"devstack/timeline"
	"devstack/view"
)

// Summary writes what the last picture of a run showed, as plain lines that stay when the
// picture is gone: where it stood, who believed what, and the last sentences of events,
// which are those that s was folded from.
func Summary(w io.Writer, s *view.State, events []timeline.Event, colour bool) {
	const recent, lines = 400, 12
	var text bytes.Buffer
	plain := view.NewPlain(&text, colour, 0)
	for _, e := range events[max(0, len(events)-recent):] {
		plain.Add(e)
	}
	last := strings.SplitAfter(text.String(), "\n")
	io.WriteString(w, strings.Join(last[max(0, len(last)-1-lines):], ""))
	if s.Ended {
		return
	}
	fmt.Fprintf(w, "\n%s at %.2f s: %d RPCs, %d failed\n", s.Name, s.T, s.Traffic.OK+s.Traffic.Failed, s.Traffic.Failed)
	for _, r := range s.Replicas {
		mark := " "
		if r.Disagree() {
			mark = "≠"
		}
		fmt.Fprintf(w, "%s %-12s %-9s check %-9s catalog %-9s resolver %-7s subchannel %-12s picker %s\n", mark, r.Name, r.Process,
			r.Check, r.Entry(), either(r.Listed, "listed", "absent"), subchannel(&r), either(r.Picked, "in", "out"))
	}
	for _, f := range s.Faults {
		fmt.Fprintf(w, "  injected: %s %s, since %.2f s\n", f.Kind, strings.Join(f.Targets, " "), f.Since)
	}
}
