package load

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
)

func someResults(n int) []Result {
	var all []Result
	for i := range n {
		all = append(all, Result{
			Seq: uint64(i) + 1, Due: time.Duration(i) * time.Millisecond, Picked: 3, Sent: 2, Done: time.Duration(i) * time.Millisecond,
			Code: codes.Code(i % 19), Err: strings.Repeat("x\"\\\n\u00e9\x01", i%3), Addr: "127.0.0.1:1", Backend: "r<1>", Attempts: i % 4, Client: strings.Repeat("client/2", i%2),
			Key: []string{"", "key-1"}[i%2],
		})
	}
	return all
}

func write(t testing.TB, results []Result) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if err := w.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(file []byte) (all []Result, err error) {
	for r, e := range Results(bytes.NewReader(file)) {
		if e != nil {
			return all, e
		}
		all = append(all, r)
	}
	return all, nil
}

func TestResultsComeBackAsTheyWere(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		want := someResults(n)
		got, err := read(write(t, want))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d results: %d came back, %v", n, len(got), err)
		}
	}
}

// TestEveryCutIsReadable kills the writer after every byte that it has written.
func TestEveryCutIsReadable(t *testing.T) {
	want := someResults(60)
	var b bytes.Buffer
	w, err := NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range want {
		if err := w.Add(r); err != nil {
			t.Fatal(err)
		}
		if i == 39 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	flushed := b.Len()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for cut := range b.Len() {
		got, err := read(b.Bytes()[:cut])
		if !errors.Is(err, ErrTruncated) || !slices.Equal(got, want[:len(got)]) || cut >= flushed && len(got) < 40 {
			t.Fatalf("cut at %d of %d: %d results, %v", cut, b.Len(), len(got), err)
		}
	}
}

func TestOldResultsAreReadableAtOnce(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w.Add(Result{Seq: 1, Done: 100 * time.Millisecond})
	w.Add(Result{Seq: 2, Done: 600 * time.Millisecond})
	if got, err := read(b.Bytes()); len(got) != 2 || !errors.Is(err, ErrTruncated) {
		t.Errorf("%d results, %v", len(got), err)
	}
}

func TestLinesAreJSONForOthers(t *testing.T) {
	gz, err := gzip.NewReader(bytes.NewReader(write(t, someResults(40))))
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(gz)
	for n := range 41 {
		var object map[string]any
		if err := dec.Decode(&object); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
	}
}

func TestForeignFilesAreErrors(t *testing.T) {
	zip := func(text string) []byte {
		var b bytes.Buffer
		gz := gzip.NewWriter(&b)
		io.WriteString(gz, text)
		gz.Close()
		return b.Bytes()
	}
	head := `{"v":1,"unit":"ns"}` + "\n"
	for name, file := range map[string][]byte{
		"not gzip": []byte("hello, this is text"), "no header": zip(""), "not json": zip("hello\n"),
		"newer": zip(`{"v":2,"unit":"ns"}` + "\n"), "bad line": zip(head + "{]\n"), "bad code": zip(head + `{"code":"Nice"}` + "\n"),
	} {
		if got, err := read(file); err == nil || len(got) != 0 {
			t.Errorf("%s: %d results, %v", name, len(got), err)
		}
	}
}

type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestWriteErrorsStay(t *testing.T) {
	w, err := NewWriter(&full{left: 20})
	if err != nil {
		t.Fatal(err)
	}
	w.Add(Result{Seq: 1})
	first := w.Flush()
	if first == nil || w.Add(Result{Seq: 2}) != first || w.Close() == nil {
		t.Errorf("a full disk was forgotten: %v", first)
	}
}

func FuzzResults(f *testing.F) {
	f.Add(write(f, someResults(20)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		got, _ := read(file)
		again, err := read(write(t, got))
		if err != nil || !slices.Equal(again, got) {
			t.Errorf("what was read does not come back: %v", err)
		}
	})
}
