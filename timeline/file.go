package timeline

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// WriteTo copies the log to w, one JSON object a line, as events come, until the log
// is closed or ctx ends. It flushes whenever it has caught up, so that a reader of the
// file lags by one write at the most. It drains what is there before it obeys ctx.
func (l *Log) WriteTo(ctx context.Context, w io.Writer) error {
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	var seq uint64
	for {
		events, err := l.Next(ctx, seq)
		if err != nil {
			events = l.After(seq)
		}
		for _, e := range events {
			if err := enc.Encode(e); err != nil {
				return fmt.Errorf("write event %d: %w", e.Seq, err)
			}
			seq = e.Seq
		}
		if err := buf.Flush(); err != nil {
			return fmt.Errorf("write events: %w", err)
		}
		if err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// ErrTruncated is what Read returns beside the events it could read when the file
// ends inside a line, as it does when the writer was killed.
var ErrTruncated = errors.New("the record ends in the middle of a line")

// Read returns the events of an NDJSON record. Lines that are not events are an error
// that names the line; a last line that was cut off is ErrTruncated, beside the rest.
func Read(r io.Reader) ([]Event, error) {
	var events []Event
	br := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, err := br.ReadBytes('\n')
		if err == io.EOF {
			if len(line) > 0 {
				return events, ErrTruncated
			}
			return events, nil
		}
		if err != nil {
			return events, fmt.Errorf("line %d: %w", n, err)
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return events, fmt.Errorf("line %d: %w", n, err)
		}
		events = append(events, e)
	}
}
