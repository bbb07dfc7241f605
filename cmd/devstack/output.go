package main

import (
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
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

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }
