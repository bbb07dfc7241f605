package main

import (
	"io"
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"devstack/view"
)

// The formats of --format.
const (
	formatPretty = "pretty"
	formatJSON   = "json"
	formatNDJSON = "ndjson"
)

func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Value: formatPretty, Usage: "pretty, json (one object at the end) or ndjson (the event log, as it happens)"}
}

func checkFormat(c *cli.Context) error {
	return oneOf("format", c.String("format"), []string{formatPretty, formatJSON, formatNDJSON})
}

// colourful reports whether f is a terminal that wants colour.
func colourful(f *os.File) bool {
	_, no := os.LookupEnv("NO_COLOR")
	return !no && os.Getenv("TERM") != "dumb" && isTerminal(f)
}

// paper is f for lines of text: on a terminal they break between words.
func paper(f *os.File) io.Writer {
	if !isTerminal(f) {
		return f
	}
	return view.Wrap(f, func() int {
		columns, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0
		}
		return columns
	})
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }
