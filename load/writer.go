package load

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// FileName is what a run folder calls the file that Writer writes.
const FileName = "rpcs.ndjson.gz"

// fileVersion is in the first line of a file; it changes when an old reader would misunderstand a new file.
const fileVersion = 1

const flushAfter = 500 * time.Millisecond

type header struct {
	V      int    `json:"v"`
	Format string `json:"format"`
	Unit   string `json:"unit"`
}

// Writer writes results as gzipped NDJSON: a header line, then one object a line, times in nanoseconds. What
// is older than half a second (by the results' own clock) can be read whatever happens to the process. Its
// methods may be called from any goroutine; after an error every further call returns it.
type Writer struct {
	mu      sync.Mutex
	gz      *gzip.Writer
	buf     []byte
	flushed time.Duration
	err     error
}

// NewWriter starts a file on w. Close ends it and leaves w open.
func NewWriter(w io.Writer) (*Writer, error) {
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	h, err := json.Marshal(header{fileVersion, "devstack rpcs", "ns"})
	if err != nil {
		return nil, err
	}
	if _, err := gz.Write(append(h, '\n')); err != nil {
		return nil, fmt.Errorf("write header of results: %w", err)
	}
	return &Writer{gz: gz}, nil
}

// Add writes one result.
func (w *Writer) Add(r Result) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.buf = appendResult(w.buf[:0], r)
	if _, err := w.gz.Write(w.buf); err != nil {
		w.err = fmt.Errorf("write result %d: %w", r.Seq, err)
	} else if r.Done-w.flushed >= flushAfter {
		w.flushed = r.Done
		w.flush()
	}
	return w.err
}

// Flush makes everything added so far readable.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.flush()
	}
	return w.err
}

func (w *Writer) flush() {
	if err := w.gz.Flush(); err != nil {
		w.err = fmt.Errorf("flush results: %w", err)
	}
}

var errClosed = errors.New("results are closed")

// Close ends the file; a second Close does nothing.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		if errors.Is(w.err, errClosed) {
			return nil
		}
		return w.err
	}
	w.err = errClosed
	if err := w.gz.Close(); err != nil {
		w.err = fmt.Errorf("close results: %w", err)
		return w.err
	}
	return nil
}

// appendResult is the one encoder; encoding/json would cost more than the rest of a result's way to the file.
func appendResult(b []byte, r Result) []byte {
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, r.Seq, 10)
	for _, t := range [...]struct {
		key string
		at  time.Duration
	}{{`,"due":`, r.Due}, {`,"picked":`, r.Picked}, {`,"sent":`, r.Sent}, {`,"done":`, r.Done}} {
		if t.at != 0 {
			b = append(b, t.key...)
			b = strconv.AppendInt(b, int64(t.at), 10)
		}
	}
	b = append(b, `,"code":"`...)
	b = append(b, r.Code.String()...)
	b = append(b, '"')
	for _, s := range [...]struct{ key, text string }{{`,"err":`, r.Err}, {`,"addr":`, r.Addr}, {`,"backend":`, r.Backend}, {`,"key":`, r.Key}} {
		if s.text != "" {
			b = append(b, s.key...)
			b = appendText(b, s.text)
		}
	}
	if r.Attempts != 0 {
		b = append(b, `,"attempts":`...)
		b = strconv.AppendInt(b, int64(r.Attempts), 10)
	}
	if r.Client != "" {
		b = append(b, `,"client":`...)
		b = appendText(b, r.Client)
	}
	return append(b, '}', '\n')
}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			text, _ := json.Marshal(s) // a string cannot fail
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
