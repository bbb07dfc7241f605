package metrics

import (
	"devstack/resolver"

	"github.com/prometheus/client_golang/prometheus"
)

// What a query knows better than events do: an answer that ends a failure and changes nothing makes no event.
var (
	lastAnswer = prometheus.NewDesc(prefix+"last_answer_timestamp_seconds", "Unix time of the last good answer, 0 before the first.", with("datacenter"), nil)
	failures   = prometheus.NewDesc(prefix+"failures_in_a_row", "Failed queries since the last good answer.", with("datacenter"), nil)
)

// watch is the worst of the watches that share all labels, which happens where only a secret tells them apart.
type watch struct {
	answered float64
	failures int
}

func (c *Collector) collectWatches(out chan<- prometheus.Metric) {
	for of, w := range merged(c.builder.Snapshot()) {
		out <- prometheus.MustNewConstMetric(lastAnswer, prometheus.GaugeValue, w.answered, of[:]...)
		out <- prometheus.MustNewConstMetric(failures, prometheus.GaugeValue, float64(w.failures), of[:]...)
	}
}

func merged(all []resolver.WatchStatus) map[[3]string]watch {
	out := map[[3]string]watch{}
	for _, s := range all {
		w := watch{failures: s.Failures}
		if !s.LastSuccess.IsZero() {
			w.answered = float64(s.LastSuccess.UnixMilli()) / 1000
		}
		of := [3]string{s.Target, s.Service, s.Datacenter}
		if other, twice := out[of]; twice {
			w = watch{min(w.answered, other.answered), max(w.failures, other.failures)}
		}
		out[of] = w
	}
	return out
}
