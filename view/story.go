package view

import (
	"fmt"
	"strconv"
	"strings"

	"devstack/timeline"
)

// Sentences tells a run in plain English, from its numbers and nothing else: what became
// of the calls, how the news of each fault travelled, and how it was judged.
func Sentences(r timeline.Run) []string {
	story := []string{callSentence(r)}
	for _, w := range r.Waterfalls {
		story = append(story, faultSentence(w))
		if gap := gapSentence(w); gap != "" {
			story = append(story, gap)
		}
	}
	if r.Why != "" {
		story = append(story, strings.TrimSuffix(capital(r.Why), ".")+".")
	}
	return story
}

func callSentence(r timeline.Run) string {
	t := r.Totals
	if t.RPCs == 0 {
		return "No RPC was made."
	}
	s := fmt.Sprintf("None of %s RPCs failed", Count(t.RPCs))
	if t.Failed > 0 {
		s = fmt.Sprintf("%s of %s RPCs failed (%.2g %%)", Count(t.Failed), Count(t.RPCs), 100*float64(t.Failed)/float64(t.RPCs))
	}
	if len(r.Waterfalls) > 0 {
		if ms, ok := r.Waterfalls[0].Mark("t1"); ok {
			s += fmt.Sprintf(", the first one %s after the first fault", Millis(ms))
		}
	}
	return s + "."
}

// news is what is said of a mark that was seen, and of one that was not.
type news struct{ mark, did, not string }

var replicaNews = []news{
	{"t2", "the channel lost its connection after %s", "the channel lost no connection"},
	{"t3", "Consul's check passed no more after %s", "every check kept passing"},
	{"t4", "the catalog said so after %s", "the catalog never moved"},
	{"t5", "the resolver left it out after %s", "the resolver left nothing out"},
}

var consulNews = []news{
	{"c2", "an agent that is asked fell silent after %s", "every agent that is asked went on answering"},
	{"c3", "there was no leader after %s", "there always was a leader"},
	{"c4", "there was one again after %s", ""},
	{"c5", "the resolver met an error after %s", "the resolver met no error"},
}

// faultSentence says who knew when, and who never did.
func faultSentence(w timeline.Waterfall) string {
	list := replicaNews
	if w.Consul != nil {
		list = consulNews
	}
	var knew, blind []string
	for _, n := range list {
		if ms, ok := w.Mark(n.mark); ok {
			knew = append(knew, fmt.Sprintf(n.did, Millis(ms)))
		} else if n.not != "" {
			blind = append(blind, n.not)
		}
	}
	told := append(knew, blind...)
	if len(knew) == 0 {
		told = []string{"no layer saw a target change"}
	}
	return fmt.Sprintf("Fault %d, %s of %s at %.2f s: %s.", w.Fault, w.Kind, strings.Join(w.Targets, ", "), w.Injected, strings.Join(told, "; "))
}

// closeMS is within what two observers cannot say who was first, in milliseconds.
const closeMS = 10

// gapSentence is the lesson of most runs: for how long two layers disagreed.
func gapSentence(w timeline.Waterfall) string {
	channel, ok2 := w.Mark("t2")
	list, ok5 := w.Mark("t5")
	switch gap := list - channel; {
	case !ok2 || !ok5:
		return ""
	case gap >= closeMS:
		return fmt.Sprintf("For %s the resolver's list was stale and the channel was not: the balancer picks only READY connections.", Millis(gap))
	case gap <= -closeMS:
		return fmt.Sprintf("The registry was first: the channel lost its connection %s after the resolver's list changed.", Millis(-gap))
	}
	return "The channel and the resolver's list changed together."
}

// Count is n with a comma between thousands.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
