package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/timeline"
)

// gates waits for, and asks, the person at the terminal, when the flags say so.
func gates(c *cli.Context, std streams) (func(context.Context, string) error, func(context.Context, timeline.Prediction) (string, error)) {
	lines := &lineReader{in: std.in}
	var gate func(context.Context, string) error
	if c.Bool("step") {
		over := false
		gate = func(ctx context.Context, _ string) error { // narrate says what is waited for
			if over {
				return nil
			}
			_, err := lines.read(ctx)
			if errors.Is(err, io.EOF) {
				over, err = true, nil
				fmt.Fprintln(std.out, "    the input has ended: on without waiting")
			}
			return err
		}
	}
	var predict func(context.Context, timeline.Prediction) (string, error)
	if c.Bool("predict") {
		predict = func(ctx context.Context, p timeline.Prediction) (string, error) { return ask(ctx, std.out, lines, p) }
	}
	return gate, predict
}

// ask puts a question until the answer is one of its options, or anything when it has none.
// At the end of the input there is no answer.
func ask(ctx context.Context, w io.Writer, lines *lineReader, p timeline.Prediction) (string, error) {
	fmt.Fprintf(w, "    %s\n", p.Ask)
	for i, o := range p.Options {
		fmt.Fprintf(w, "      %d) %s\n", i+1, o)
	}
	fmt.Fprintln(w, "    your prediction?  [Enter]")
	for {
		line, err := lines.read(ctx)
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(w, "    the input has ended: no prediction")
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if said, ok := answer(strings.TrimSpace(line), p.Options); ok {
			return said, nil
		}
		if len(p.Options) > 0 {
			fmt.Fprintf(w, "    a number from 1 to %d, please\n", len(p.Options))
		}
	}
}

// answer is what was meant by an option's number or its words.
func answer(said string, options []string) (string, bool) {
	if len(options) == 0 {
		return said, said != ""
	}
	for i, o := range options {
		if said == fmt.Sprint(i+1) {
			return o, true
		}
	}
	return said, slices.Contains(options, said)
}

// lineReader reads lines from a person.
type lineReader struct {
	in *os.File
	br *bufio.Reader
}

// read is the next line; io.EOF when there is none.
func (l *lineReader) read(ctx context.Context) (string, error) {
	if l.br == nil {
		l.br = bufio.NewReader(l.in)
	}
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1)
	go func() { // a read of a terminal cannot be interrupted: it may stay until the process ends
		text, err := l.br.ReadString('\n')
		got <- line{text, err}
	}()
	select {
	case g := <-got:
		if errors.Is(g.err, io.EOF) && g.text != "" {
			g.err = nil // a last line without an end
		}
		return g.text, g.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
