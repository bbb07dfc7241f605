package view

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// Wrap is w with lines no longer than width() columns: a longer one breaks between words,
// and goes on under its own text. A width of 0 or less breaks nothing. What a Write leaves
// without a line end, such as a question, passes as it is. The text has one column a
// letter; its colours have none.
func Wrap(w io.Writer, width func() int) io.Writer { return &wrapper{w: w, width: width} }

type wrapper struct {
	w     io.Writer
	width func() int
	open  bool // a line without an end is out already
}

func (w *wrapper) Write(p []byte) (int, error) {
	var out bytes.Buffer
	width := w.width()
	for line := range bytes.Lines(p) {
		whole := bytes.HasSuffix(line, []byte("\n"))
		if w.open || !whole || width <= 0 {
			out.Write(line)
		} else {
			wrapLine(&out, strings.TrimSuffix(string(line), "\n"), width)
		}
		w.open = !whole
	}
	if _, err := w.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// wrapLine writes one line on as many as it takes.
func wrapLine(out *bytes.Buffer, line string, width int) {
	hang := hanging(line, width)
	at, begun := 0, 0 // columns, and where the text of this line begins
	for len(line) > 0 {
		gap, word := cutWord(line)
		line = line[len(gap)+len(word):]
		if at > begun && at+len(gap)+columns(word) > width && word != "" {
			out.WriteString("\n" + strings.Repeat(" ", hang))
			gap, at, begun = "", hang, hang
		}
		out.WriteString(gap + word)
		at += len(gap) + columns(word)
	}
	out.WriteByte('\n')
}

// cutWord is the spaces in front of line's first word, and that word.
func cutWord(line string) (gap, word string) {
	word = strings.TrimLeft(line, " ")
	gap = line[:len(line)-len(word)]
	if end := strings.IndexByte(word, ' '); end >= 0 {
		word = word[:end]
	}
	return gap, word
}

// hanging is the column under which a broken line goes on: that of its text. A text comes
// after two spaces or more, or after a time in brackets and a word; one that begins too far
// to the right has nothing under it.
func hanging(line string, width int) int {
	at, hang := 0, 0
	timed := strings.HasPrefix(uncoloured(line), "[")
	after := 0 // words since the time's end
	for len(line) > 0 {
		gap, word := cutWord(line)
		line = line[len(gap)+len(word):]
		if at += len(gap); at > 2*width/5 {
			break
		}
		if timed && after == 2 {
			return at
		}
		if !timed && len(gap) > 1 {
			hang = at
		}
		if after > 0 || strings.HasSuffix(uncoloured(word), "]") {
			after++
		}
		at += columns(word)
	}
	return hang
}

// columns is the width of a text, without its colours.
func columns(s string) int { return utf8.RuneCountInString(uncoloured(s)) }

// uncoloured is s without the escape sequences that a Paint writes.
func uncoloured(s string) string {
	for {
		from := strings.Index(s, "\x1b[")
		if from < 0 {
			return s
		}
		end := strings.IndexByte(s[from:], 'm')
		if end < 0 {
			return s
		}
		s = s[:from] + s[from+end+1:]
	}
}
