package metrics

import "github.com/prometheus/client_golang/prometheus"

const prefix = "consul_resolver_"

// vectors is the metrics that events feed.
type vectors struct {
	updates, unchanged, empties, errors, backoff, resets, resolveNows, badConfigs *prometheus.CounterVec
	open, instances                                                               *prometheus.GaugeVec
	firstUpdate                                                                   *prometheus.HistogramVec
}

func newVectors() *vectors {
	return &vectors{
		updates:     counter("updates_total", "Lists given to a balancer."),
		unchanged:   counter("unchanged_total", "Answers of Consul that brought nothing new."),
		empties:     counter("empties_total", "Findings that there is nobody to call, by reason.", "reason"),
		errors:      counter("errors_total", "Failed queries, by class.", "class"),
		backoff:     counter("backoff_seconds_total", "Time that backoffs after failed queries were to take."),
		resets:      counter("index_resets_total", "Times that Consul's index went back."),
		resolveNows: counter("resolve_nows_total", "Requests of a balancer to resolve now that were honoured."),
		badConfigs:  counter("service_config_errors_total", "Service configs that grpc refused."),
		open:        gauge("channels", "Channels that use the target."),
		instances:   gauge("instances", "Instances in the newest list given to a balancer."),
		firstUpdate: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: prefix + "first_update_seconds", Help: "Time from the start of a channel to its first list.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, with()),
	}
}

func (v *vectors) all() []prometheus.Collector {
	return []prometheus.Collector{v.updates, v.unchanged, v.empties, v.errors, v.backoff, v.resets, v.resolveNows,
		v.badConfigs, v.open, v.instances, v.firstUpdate}
}

func with(more ...string) []string { return append([]string{"target", "service"}, more...) }

func counter(name, help string, more ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, with(more...))
}

func gauge(name, help string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + name, Help: help}, with())
}
