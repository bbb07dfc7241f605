package scenarios

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"devstack/timeline"
)

// awaited is a condition that an until waits for: so many replicas are balanced (picked
// evenly in a window since the step began), ready (in the picker), listed (by the
// resolver), passing (in the catalog); or the calls of before have settled.
type awaited struct {
	what string
	n    int
}

func (a awaited) String() string { return fmt.Sprintf("%s(%d)", a.what, a.n) }

// condition makes the HCL function of that name; its value is text that parseAwaited reads.
func condition(what string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "replicas", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			n, _ := args[0].AsBigFloat().Int64()
			return cty.StringVal(awaited{what, int(n)}.String()), nil
		},
	})
}

func parseAwaited(text string) (awaited, error) {
	what, rest, ok := strings.Cut(text, "(")
	var n int
	if _, err := fmt.Sscanf(rest, "%d)", &n); !ok || err != nil {
		return awaited{}, fmt.Errorf("%q is not a condition such as balanced(replicas)", text)
	}
	return awaited{what, n}, nil
}

// beliefs is what each layer believes now; a fold of events.
type beliefs struct {
	ready, listed, passing int
	balanced               timeline.Balanced
	settled                timeline.Balanced
}

func (b *beliefs) add(e timeline.Event) {
	switch e.Type { // the payload of an old event comes back undecoded
	case timeline.PickerUpdated:
		if d, ok := timeline.Payload[timeline.Picker](e); ok {
			b.ready = len(d.Ready)
		}
	case timeline.ResolverUpdated, timeline.ResolverEmpty:
		if d, ok := timeline.Payload[timeline.Resolved](e); ok {
			b.listed = len(d.Endpoints)
		}
	case timeline.ConsulServiceChange:
		if d, ok := timeline.Payload[timeline.CatalogChange](e); ok {
			b.passing = 0
			for _, s := range d.Status {
				if s == "passing" {
					b.passing++
				}
			}
		}
	case timeline.TrafficBalanced:
		b.balanced, _ = timeline.Payload[timeline.Balanced](e)
	case timeline.TrafficSettled:
		b.settled, _ = timeline.Payload[timeline.Balanced](e)
	}
}

// holds reports whether a is true, given that the step began at since.
func (b *beliefs) holds(a awaited, since float64) bool {
	switch a.what {
	case "ready":
		return b.ready == a.n
	case "listed":
		return b.listed == a.n
	case "passing":
		return b.passing == a.n
	case "settled":
		return len(b.settled.Ready) == a.n && b.settled.Since >= since
	}
	return len(b.balanced.Ready) == a.n && b.balanced.Since >= since
}
