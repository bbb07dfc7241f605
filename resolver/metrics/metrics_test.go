package metrics

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"devstack/resolver"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
)

// bench is a Builder on a fake Consul, and its metrics in a registry that checks them.
type bench struct {
	*testing.T
	*consul
	*resolver.Builder
	collector *Collector
	registry  *prometheus.Registry
}

func newBench(t *testing.T) *bench {
	c := newConsul(t)
	b, m := NewBuilder(resolver.WithLinger(0))
	t.Cleanup(func() { b.Close() })
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	return &bench{t, c, b, m, registry}
}

// value is the sum of the named metric with the given pairs of labels, and whether there is any. Of a histogram
// it is the count.
func (b *bench) value(name string, pairs ...string) (sum float64, found bool) {
	b.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == prefix+name && matches(m, append(pairs, "service", "web")) {
				sum, found = sum+m.GetCounter().GetValue()+m.GetGauge().GetValue()+float64(m.GetHistogram().GetSampleCount()), true
			}
		}
	}
	return sum, found
}

func matches(m *dto.Metric, pairs []string) bool {
	has := map[string]string{}
	for _, l := range m.GetLabel() {
		has[l.GetName()] = l.GetValue()
	}
	for i := 0; i < len(pairs); i += 2 {
		if has[pairs[i]] != pairs[i+1] {
			return false
		}
	}
	return true
}

// until waits for a metric to reach want.
func (b *bench) until(want float64, name string, pairs ...string) {
	b.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		got, _ := b.value(name, pairs...)
		if got >= want {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s%v is %v, want %v", name, pairs, got, want)
		}
		time.Sleep(time.Millisecond)
	}
}

// is checks metrics, given as a name and a value in turn.
func (b *bench) is(want map[string]float64) {
	b.Helper()
	for name, v := range want {
		if got, _ := b.value(name); got != v {
			b.Errorf("%s is %v, want %v", name, got, v)
		}
	}
}

func TestAListAndItsChanges(t *testing.T) {
	b := newBench(t)
	b.set(1, 2)
	r := build(t, b, b.consul)
	b.until(1, "updates_total")
	b.is(map[string]float64{"instances": 2, "channels": 1, "first_update_seconds": 1, "failures_in_a_row": 0})
	b.set(1, 2, 3)
	b.until(2, "updates_total")
	b.set(1, 2, 3)
	b.until(1, "unchanged_total")
	b.is(map[string]float64{"instances": 3, "updates_total": 2, "first_update_seconds": 1, "errors_total": 0, "empties_total": 0})
	if at, _ := b.value("last_answer_timestamp_seconds"); at < float64(time.Now().Add(-time.Hour).Unix()) || at > float64(time.Now().Unix()+1) {
		t.Errorf("last answer at %f", at)
	}
	r.Close()
	b.is(map[string]float64{"channels": 0, "updates_total": 2})
	for _, name := range []string{"instances", "last_answer_timestamp_seconds"} {
		if v, found := b.value(name); found {
			t.Errorf("%s is %v with nobody left to use it", name, v)
		}
	}
}

func TestErrorsAreCountedByClassAndOncePerQuery(t *testing.T) {
	b := newBench(t)
	b.change(func() { b.status = http.StatusInternalServerError })
	build(t, b, b.consul)
	build(t, b, b.consul)
	b.until(2, "errors_total", "class", "server")
	b.is(map[string]float64{"last_answer_timestamp_seconds": 0, "updates_total": 0, "channels": 2})
	if v, _ := b.value("backoff_seconds_total"); v <= 0 {
		t.Errorf("backed off for %v", v)
	}
	if v, _ := b.value("failures_in_a_row"); v < 2 {
		t.Errorf("%v failures in a row", v)
	}
	b.change(func() { b.status, b.ports = http.StatusOK, []int{1} })
	b.until(2, "updates_total")
	b.is(map[string]float64{"failures_in_a_row": 0, "first_update_seconds": 2})
	failed, _ := b.value("errors_total")
	if status := b.Snapshot()[0]; float64(status.Requests) < failed+1 {
		t.Errorf("%v errors of %d requests", failed, status.Requests)
	}
}

func TestAnIndexThatGoesBack(t *testing.T) {
	b := newBench(t)
	b.set(1)
	build(t, b, b.consul)
	b.until(1, "updates_total")
	b.change(func() { b.index, b.ports = 3, []int{2} })
	b.until(1, "index_resets_total")
}

func TestEmptiesHaveReasons(t *testing.T) {
	b := newBench(t)
	build(t, b, b.consul)
	b.until(1, "empties_total", "reason", "unknown-service")
	b.set(1, 2)
	b.until(1, "updates_total")
	b.change(func() { b.ports, b.filtered = nil, true })
	b.until(1, "empties_total", "reason", "acl-filtered")
	b.is(map[string]float64{"instances": 2}) // the balancer keeps them
}

func TestALastInstanceThatLeaves(t *testing.T) {
	b := newBench(t)
	b.set(1, 2)
	build(t, b, b.consul)
	b.until(1, "updates_total")
	b.set()
	b.until(1, "empties_total", "reason", "unknown-service")
	b.is(map[string]float64{"instances": 0, "channels": 1})
}

func TestAChannelThatLeavesUnservedIsNotWaitedFor(t *testing.T) {
	b := newBench(t)
	b.change(func() { b.status = http.StatusInternalServerError })
	gone := build(t, b, b.consul)
	b.until(1, "channels")
	build(t, b, b.consul)
	b.until(2, "channels")
	gone.Close()
	b.change(func() { b.status, b.ports = http.StatusOK, []int{1} })
	b.until(1, "first_update_seconds")
	b.set()
	b.until(1, "empties_total")
	b.set(1)
	b.until(2, "updates_total")
	b.is(map[string]float64{"first_update_seconds": 1})
}

// An update that only changes a list is not the first of a channel that waits for its own.
func TestAnUpdateOfAnotherChannelIsNotTheFirst(t *testing.T) {
	b := newBench(t)
	list := make([]resolver.Instance, 2)
	tell := func(k resolver.Kind, given, added int) {
		b.collector.observe(resolver.Event{Kind: k, Target: "t", Service: "web", Endpoints: list[:given], Added: list[:added]})
	}
	tell(resolver.KindStarted, 0, 0)
	tell(resolver.KindUpdated, 1, 1)
	tell(resolver.KindStarted, 0, 0)
	tell(resolver.KindUpdated, 2, 1)
	b.is(map[string]float64{"first_update_seconds": 1})
	tell(resolver.KindUpdated, 2, 2)
	b.is(map[string]float64{"first_update_seconds": 2})
}

func TestNamesAndTypesFollowPrometheus(t *testing.T) {
	b := newBench(t)
	b.set(1)
	build(t, b, b.consul)
	b.until(1, "updates_total")
	families, err := b.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestWatchesThatOnlyASecretTellsApartAreOne(t *testing.T) {
	early, late := time.UnixMilli(1500), time.UnixMilli(9000)
	got := merged([]resolver.WatchStatus{
		{Target: "t", Service: "web", LastSuccess: late},
		{Target: "t", Service: "web", LastSuccess: early, Failures: 3},
		{Target: "t", Service: "web", Datacenter: "dc2"},
	})
	want := map[[3]string]watch{{"t", "web", ""}: {1.5, 3}, {"t", "web", "dc2"}: {0, 0}}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	for of, w := range want {
		if got[of] != w {
			t.Errorf("%v: %v, want %v", of, got[of], w)
		}
	}
}

func TestNoSecretIsALabel(t *testing.T) {
	b := newBench(t)
	b.set(1)
	u := strings.Replace(b.target(), "consul://", "consul://me:secret@", 1) + "?token=secret"
	buildAt(t, b, u)
	b.until(1, "updates_total")
	families, _ := b.registry.Gather()
	for _, f := range families {
		if strings.Contains(f.String(), "secret") {
			t.Errorf("%s", f)
		}
	}
}
