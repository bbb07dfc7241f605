// Package metrics shows what a resolver does to Prometheus. It is the only part of the library that needs
// Prometheus's client, and nothing but its import brings that in.
//
//	builder, collector := metrics.NewBuilder(resolver.WithAddress("127.0.0.1:8500"))
//	prometheus.MustRegister(collector)
//	conn, err := grpc.NewClient("consul:web", grpc.WithResolvers(builder), …)
//
// To use it for all channels, hand the builder to grpc's resolver.Register before the first channel is made.
//
// All names start with consul_resolver_. Labels target (without secrets) and service are on each; service is the
// prepared query or the key where the target asks for one. What comes from a query counts once, however many
// channels share it, for the target that started it; what a channel is told counts for each channel.
//
//	updates_total                        lists given to a balancer
//	unchanged_total                      answers that brought nothing new
//	empties_total{reason}                findings that there is nobody: unknown-service, no-match, unhealthy,
//	                                     acl-filtered, no-leader, no-address
//	errors_total{class}                  failed queries, by the resolver's Class; a backoff follows each
//	backoff_seconds_total                time that those backoffs were to take; a resolve-now can shorten one
//	index_resets_total                   times that Consul's index went back, which a restart does
//	resolve_nows_total                   requests of a balancer that were honoured
//	service_config_errors_total          service configs that grpc refused
//	channels                             channels that use the target now
//	instances                            instances in the newest list given; absent when nobody uses the target
//	first_update_seconds                 from the start of a channel to its first list, a histogram
//	last_answer_timestamp_seconds        Unix time of the last good answer, with datacenter; 0 before the first
//	failures_in_a_row                    failed queries since then, with datacenter
//
// A healthy query answers at least once in its wait time and a sixteenth of it, so with the default wait this
// finds a target that is cut off:
//
//	time() - consul_resolver_last_answer_timestamp_seconds > 600
//
// Where channels with one target start while others of it run, first_update_seconds may take an update of one
// for that of another.
package metrics

import (
	"errors"
	"time"

	"devstack/resolver"

	"github.com/prometheus/client_golang/prometheus"
)

// Collector is the metrics of one Builder, for a prometheus.Registerer.
type Collector struct {
	builder *resolver.Builder
	*vectors
	channels map[labels]*channels // touched by Observe alone, whose calls never overlap
}

// labels is a target and its service.
type labels [2]string

// channels is the open channels of one target.
type channels struct {
	open    int
	waiting []time.Time // starts that no list has followed yet, oldest first
}

// NewBuilder is resolver.NewBuilder(opts...) and its metrics.
func NewBuilder(opts ...resolver.Option) (*resolver.Builder, *Collector) {
	c := &Collector{vectors: newVectors(), channels: map[labels]*channels{}}
	c.builder = resolver.NewBuilder(append(opts[:len(opts):len(opts)], resolver.WithObserver(resolver.ObserverFunc(c.observe)))...)
	return c.builder, c
}

func (c *Collector) observe(e resolver.Event) {
	of := labels{e.Target, e.Service}
	switch e.Kind {
	case resolver.KindStarted:
		c.started(of, e.Time)
	case resolver.KindUpdated:
		c.instances.WithLabelValues(of[:]...).Set(float64(len(e.Endpoints)))
		if len(e.Added) == len(e.Endpoints) && len(e.Removed) == 0 {
			c.first(of, e.Time)
		}
		c.updates.WithLabelValues(of[:]...).Inc() // last, so that who sees it sees the rest
	case resolver.KindUnchanged:
		c.unchanged.WithLabelValues(of[:]...).Inc()
	case resolver.KindEmpty:
		if len(e.Removed) > 0 { // else the balancer keeps what it has
			c.instances.WithLabelValues(of[:]...).Set(0)
		}
		c.empties.WithLabelValues(append(of[:], reason(e.Err))...).Inc()
	case resolver.KindBackoff:
		c.errors.WithLabelValues(append(of[:], class(e.Err))...).Inc()
		c.backoff.WithLabelValues(of[:]...).Add(e.NextRetry.Seconds())
	case resolver.KindIndexReset:
		c.resets.WithLabelValues(of[:]...).Inc()
	case resolver.KindResolveNow:
		c.resolveNows.WithLabelValues(of[:]...).Inc()
	case resolver.KindServiceConfig:
		if e.Err != nil {
			c.badConfigs.WithLabelValues(of[:]...).Inc()
		}
	case resolver.KindClosed:
		c.closed(of)
	}
}

func (c *Collector) started(of labels, at time.Time) {
	ch := c.channels[of]
	if ch == nil {
		ch = &channels{}
		c.channels[of] = ch
		c.instances.WithLabelValues(of[:]...).Set(0)
	}
	ch.open++
	ch.waiting = append(ch.waiting, at)
	c.open.WithLabelValues(of[:]...).Inc()
}

func (c *Collector) first(of labels, at time.Time) {
	if ch := c.channels[of]; len(ch.waiting) > 0 {
		c.firstUpdate.WithLabelValues(of[:]...).Observe(at.Sub(ch.waiting[0]).Seconds())
		ch.waiting = ch.waiting[1:]
	}
}

func (c *Collector) closed(of labels) {
	ch := c.channels[of]
	ch.open--
	c.open.WithLabelValues(of[:]...).Dec()
	if len(ch.waiting) > ch.open {
		ch.waiting = ch.waiting[len(ch.waiting)-ch.open:]
	}
	if ch.open == 0 {
		delete(c.channels, of)
		c.instances.DeleteLabelValues(of[:]...)
	}
}

func class(err error) string {
	var q *resolver.QueryError
	if errors.As(err, &q) {
		return string(q.Class)
	}
	return "other"
}

func reason(err error) string {
	for _, r := range []struct {
		err  error
		name string
	}{
		{resolver.ErrUnknownService, "unknown-service"}, {resolver.ErrNoMatch, "no-match"},
		{resolver.ErrUnhealthy, "unhealthy"}, {resolver.ErrACLFiltered, "acl-filtered"},
		{resolver.ErrNoLeader, "no-leader"}, {resolver.ErrNoAddress, "no-address"},
	} {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return "other"
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, v := range c.all() {
		v.Describe(out)
	}
	out <- lastAnswer
	out <- failures
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	for _, v := range c.all() {
		v.Collect(out)
	}
	c.collectWatches(out)
}
