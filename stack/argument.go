package stack

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// argument is one setting of a fault: its name, and how a value that is no use is told from
// one that is. A mistake is found before anything is broken.
type argument struct {
	name  string
	check func(text string) error
}

// ErrArgument is what an order meets whose kind does not know an argument, or cannot use its
// value.
var ErrArgument = errors.New("invalid argument")

// Arguments lists the names of what a kind of fault can be told, sorted; none of a kind that
// does not exist.
func Arguments(kind string) []string {
	k, _ := kindOf(kind)
	var names []string
	for _, a := range k.args {
		names = append(names, a.name)
	}
	slices.Sort(names)
	return names
}

// CheckArgument says what is wrong with an argument of a kind of fault, as an ErrArgument, nil
// for nothing.
func CheckArgument(kind, name, value string) error {
	k, err := kindOf(kind)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(k.args, func(a argument) bool { return a.name == name })
	switch {
	case at < 0 && len(k.args) == 0:
		return fmt.Errorf("%w: %s takes none, and not %q", ErrArgument, kind, name)
	case at < 0:
		return fmt.Errorf("%w: %s has no %q (have %s)", ErrArgument, kind, name, strings.Join(Arguments(kind), ", "))
	}
	if err := k.args[at].check(value); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrArgument, name, err)
	}
	return nil
}

// as is an argument whose value parse understands.
func as[T any](name string, parse func(string) (T, error)) argument {
	return argument{name, func(text string) error {
		_, err := parse(text)
		return err
	}}
}

// word is an argument that is one of a few words.
func word(name string, words ...string) argument {
	return argument{name, func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("unknown %q (have %s)", text, strings.Join(words, ", "))
		}
		return nil
	}}
}

// text is an argument that may be anything.
func text(name string) argument {
	return argument{name, func(string) error { return nil }}
}

// given is an argument of o, or what it is when o does not say.
func given[T any](o Order, name string, parse func(string) (T, error), otherwise T) (T, error) {
	value, ok := o.Args[name]
	if !ok {
		return otherwise, nil
	}
	v, err := parse(value)
	if err != nil {
		return v, fmt.Errorf("%w: %s: %w", ErrArgument, name, err)
	}
	return v, nil
}

func aDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > time.Hour {
		return 0, fmt.Errorf("%q is not a duration between 0s and 1h", text)
	}
	return d, nil
}

// aBeat paces a loop.
func aBeat(text string) (time.Duration, error) {
	d, err := aDuration(text)
	if err == nil && d < time.Millisecond {
		err = errors.New("must be at least a millisecond")
	}
	return d, err
}

// someBytes is a number of them, at least one.
func someBytes(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is not a positive number of bytes", text)
	}
	return n, nil
}

// aRatio is in [0, 1].
func aRatio(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("%q is not in 0 to 1", text)
	}
	return f, nil
}

// aPart is in (0, 1).
func aPart(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0 && f < 1) {
		return 0, fmt.Errorf("%q is not between 0 and 1", text)
	}
	return f, nil
}

// aCode is the number of a gRPC status code other than OK.
func aCode(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 || n > 16 {
		return 0, fmt.Errorf("%q is not the number of a gRPC code, 1 to 16", text)
	}
	return uint32(n), nil
}
