package view

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"devstack/timeline"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"` // of all suites, which may have run at the same time
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
}

// JUnit is the runs as one JUnit file: a suite per run, a case per expectation. An
// inconclusive expectation is a skipped case with its reason.
func JUnit(runs ...timeline.Run) ([]byte, error) {
	var doc junitSuites
	seconds := 0.0
	for _, r := range runs {
		s := suite(r)
		doc.Suites = append(doc.Suites, s)
		doc.Tests, doc.Failures, doc.Skipped = doc.Tests+s.Tests, doc.Failures+s.Failures, doc.Skipped+s.Skipped
		seconds += r.Seconds
	}
	doc.Time = fmt.Sprintf("%.3f", seconds)
	b, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", timeline.JUnitFile, err)
	}
	return append([]byte(xml.Header), append(b, '\n')...), nil
}

func suite(r timeline.Run) junitSuite {
	s := junitSuite{
		Name: r.Name, Time: fmt.Sprintf("%.3f", r.Seconds), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{{"verdict", string(r.Verdict)}, {"seed", fmt.Sprint(r.Seed)}, {"command", r.Command}},
	}
	for _, k := range slices.Sorted(maps.Keys(r.Settings)) {
		s.Properties = append(s.Properties, junitProperty{"setting." + k, r.Settings[k]})
	}
	for _, e := range r.Expectations {
		c := junitCase{Name: e.Name, Class: r.Name, Out: Sentence(e)}
		switch e.Verdict {
		case timeline.Fail:
			c.Failure = &junitMessage{strings.TrimSpace(Sentence(e) + " " + e.Why)}
			s.Failures++
		case timeline.Inconclusive:
			c.Skipped = &junitMessage{e.Why}
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	if len(s.Cases) == 0 { // nothing was judged, and a reader of the file must see that
		s.Cases = []junitCase{{Name: "the experiment happened as written", Class: r.Name, Skipped: &junitMessage{r.Why}}}
		s.Skipped = 1
	}
	s.Tests = len(s.Cases)
	return s
}
