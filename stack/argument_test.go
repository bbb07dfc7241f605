package stack

import (
	"errors"
	"testing"
)

func TestArgumentsAreCheckedBeforeTheDeed(t *testing.T) {
	for _, c := range []struct{ kind, name, good, bad string }{
		{"slow", "latency", "1500ms", "x"},
		{"slow", "jitter", "0s", "-1s"},
		{"link-latency", "latency", "1h", "61m"},
		{"link-bandwidth", "rate", "1", "0"},
		{"link-cut", "after", "1000", "1kB"},
		{"link-blackhole", "direction", "up", "sideways"},
		{"link-reset", "path", "check", "moon"},
		{"errors", "ratio", "0.5", "1.01"},
		{"errors", "code", "14", "0"},
		{"errors", "code", "16", "17"},
		{"crash-loop", "every", "1500ms", "0s"},
		{"flap", "every", "1s", "soon"},
		{"starve", "share", "0.9", "1"},
		{"consul-revoke", "part", "resolver", "everybody"},
		{"consul-revoke", "lose", "rules", "patience"},
		{"consul-partition", "mode", "hang", "NaN"},
		{"starve", "share", "0.1", "NaN"},
	} {
		if err := CheckArgument(c.kind, c.name, c.good); err != nil {
			t.Errorf("%s %s=%s: %v", c.kind, c.name, c.good, err)
		}
		if err := CheckArgument(c.kind, c.name, c.bad); !errors.Is(err, ErrArgument) {
			t.Errorf("%s %s=%s: %v, want an ErrArgument", c.kind, c.name, c.bad, err)
		}
	}
	if err := CheckArgument("kil", "latency", "1s"); !errors.Is(err, ErrUnknownFault) {
		t.Errorf("an argument of a fault that does not exist: %v", err)
	}
}
