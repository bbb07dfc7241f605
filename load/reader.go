package load

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
)

// ErrTruncated says that a file of results ends before its end: its writer was killed, or is still at it.
var ErrTruncated = errors.New("truncated")

// line is a result as the file has it.
type line struct {
	Seq                           uint64
	Due, Picked, Sent, Done       time.Duration
	Code, Err, Addr, Backend, Key string
	Attempts                      int
	Client                        string
}

func (l line) result() (Result, error) {
	code, err := parseCode(l.Code)
	if err != nil {
		return Result{}, err
	}
	return Result{
		Seq: l.Seq, Due: l.Due, Picked: l.Picked, Sent: l.Sent, Done: l.Done,
		Code: code, Err: l.Err, Addr: l.Addr, Backend: l.Backend, Attempts: l.Attempts, Client: l.Client, Key: l.Key,
	}, nil
}

var codeByName = func() map[string]codes.Code {
	m := map[string]codes.Code{}
	for c := codes.OK; c <= codes.Unauthenticated; c++ {
		m[c.String()] = c
	}
	return m
}()

// parseCode is the inverse of codes.Code.String, also for a code that grpc has no name for.
func parseCode(s string) (codes.Code, error) {
	if c, ok := codeByName[s]; ok {
		return c, nil
	}
	var n uint32
	if _, err := fmt.Sscanf(s, "Code(%d)", &n); err != nil {
		return 0, fmt.Errorf("unknown code %q", s)
	}
	return codes.Code(n), nil
}

// Results reads what a Writer wrote, one result at a time. The last pair carries an error when there is one:
// ErrTruncated when the file just ends, and then all results before it are good.
func Results(r io.Reader) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		lines, err := openResults(r)
		for n := 2; err == nil; n++ {
			var res Result
			if res, err = lines.next(); err == nil {
				if !yield(res, nil) {
					return
				}
			} else if err != io.EOF {
				err = fmt.Errorf("results, line %d: %w", n, err)
			}
		}
		if err != io.EOF {
			yield(Result{}, err)
		}
	}
}

type lineReader struct{ *bufio.Reader }

func openResults(r io.Reader) (*lineReader, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("open results: %w", truncated(err))
	}
	lines := &lineReader{bufio.NewReader(gz)}
	first, err := lines.line()
	if err != nil {
		return nil, fmt.Errorf("header of results: %w", truncated(err))
	}
	var h header
	if err := json.Unmarshal(first, &h); err != nil {
		return nil, fmt.Errorf("header of results: %w", err)
	}
	if h.V != fileVersion || h.Unit != "ns" {
		return nil, fmt.Errorf("results of version %d in %q: this reads version %d", h.V, h.Unit, fileVersion)
	}
	return lines, nil
}

// next returns io.EOF after the last line of a whole file.
func (l *lineReader) next() (Result, error) {
	text, err := l.line()
	if err != nil {
		return Result{}, err
	}
	var ln line
	if err := json.Unmarshal(text, &ln); err != nil {
		return Result{}, err
	}
	return ln.result()
}

// line returns the next whole line; a part of one is a truncated file.
func (l *lineReader) line() ([]byte, error) {
	text, err := l.ReadBytes('\n')
	switch {
	case err == nil:
		return text, nil
	case err == io.EOF && len(text) == 0:
		return nil, io.EOF
	}
	return nil, truncated(err)
}

func truncated(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}
