package resolver

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"
)

type askKind int

const (
	askService askKind = iota
	askPrepared
	askKey
)

// query is what one watch asks, in comparable form: channels with equal queries share a watch.
type query struct {
	access
	kind                   askKind
	name                   string
	tags                   string // sorted, separated by commas
	filter                 string
	passingOnly            bool
	dc, peer, near         string
	consistency            Consistency
	cached                 bool
	maxStale               time.Duration
	wait, timeout, longest time.Duration
	poll                   time.Duration
}

// queries is what has to be asked for t: one per datacenter, in order of preference.
func queries(a access, t Target) []query {
	q := query{
		access: a, name: t.Service, filter: t.Filter, peer: t.Peer, near: t.Near,
		tags:        strings.Join(slices.Sorted(slices.Values(t.Tags)), ","),
		passingOnly: t.MinPassing == 0 && (t.Health == "" || t.Health == HealthPassing),
		consistency: t.Consistency, cached: t.Cached, maxStale: t.MaxStale,
		wait: cmp.Or(t.Wait, time.Minute), timeout: cmp.Or(t.Timeout, 10*time.Second),
		longest: cmp.Or(t.MaxBackoff, 30*time.Second), poll: cmp.Or(t.PollInterval, 10*time.Second),
	}
	if t.MaxStale > 0 {
		q.consistency = ConsistencyStale
	}
	if t.Query != "" {
		q.kind, q.name, q.passingOnly = askPrepared, t.Query, false
	}
	if len(t.Datacenters) == 0 {
		return []query{q}
	}
	out := make([]query, len(t.Datacenters))
	for i, dc := range t.Datacenters {
		out[i] = q
		out[i].dc = dc
	}
	return out
}

// configQuery asks for t's service config in the KV store of the preferred datacenter.
func configQuery(a access, t Target) query {
	q := queries(a, t)[0]
	return query{access: a, kind: askKey, name: t.ConfigKey, dc: q.dc, consistency: q.consistency, maxStale: q.maxStale,
		wait: q.wait, timeout: q.timeout, longest: q.longest, poll: q.poll}
}

func (q query) options(ctx context.Context, index uint64, wait time.Duration, token string) *api.QueryOptions {
	o := &api.QueryOptions{
		Namespace: q.namespace, Partition: q.division, Datacenter: q.dc, Peer: q.peer, Near: q.near, Filter: q.filter,
		AllowStale: q.consistency == ConsistencyStale, RequireConsistent: q.consistency == ConsistencyConsistent,
		UseCache: q.cached, WaitIndex: index, Token: token,
	}
	if index > 0 {
		o.WaitTime = wait
	}
	return o.WithContext(ctx)
}

// limit is how long a query may take: Consul adds up to a sixteenth to the time it was asked to block.
func (q query) limit(index uint64) time.Duration {
	if index == 0 {
		return q.timeout
	}
	return q.wait + q.wait/16 + q.timeout
}

// reply is what came back from one query.
type reply struct {
	entries []*api.ServiceEntry
	config  string
	meta    api.QueryMeta
	census  census
	because error // why there are no entries, nil when unknown
}

// ask sends one query and, when the answer is empty and explain allows, one or two more to find out why.
func (q query) ask(ctx context.Context, client *api.Client, token string, index uint64, h hints) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, q.limit(index))
	defer cancel()
	once := ctx
	if index > 0 {
		once = onceOnly(ctx)
	}
	r, err := q.send(client, q.options(once, index, h.wait, token), h)
	switch {
	case err != nil && context.Cause(once) == errResent:
		return reply{}, errResent
	case err != nil:
		return reply{}, err
	}
	if index == 0 {
		if err := q.tooOld(r.meta); err != nil {
			return reply{}, err
		}
	}
	if q.kind == askService && len(r.entries) == 0 && r.because == nil && h.explain() {
		r.census, r.because = q.explain(ctx, client, token)
	}
	return r, nil
}

func (q query) send(client *api.Client, opts *api.QueryOptions, h hints) (reply, error) {
	switch q.kind {
	case askKey:
		return askConfig(client, q.name, opts)
	case askPrepared:
		return askPreparedQuery(client, q.name, opts, h)
	}
	entries, meta, err := client.Health().ServiceMultipleTags(q.name, list(q.tags), q.passingOnly, opts)
	if err != nil {
		return reply{}, err
	}
	r := reply{entries: solid(entries), meta: orZero(meta)}
	if len(r.entries) == 0 {
		r.because = r.reason(h)
	}
	return r, nil
}

func askConfig(client *api.Client, key string, opts *api.QueryOptions) (reply, error) {
	pair, meta, err := client.KV().Get(key, opts)
	if err != nil {
		return reply{}, err
	}
	r := reply{meta: orZero(meta)}
	if pair != nil {
		r.config = string(pair.Value)
	}
	return r, nil
}

func askPreparedQuery(client *api.Client, name string, opts *api.QueryOptions, h hints) (reply, error) {
	res, meta, err := client.PreparedQuery().Execute(name, opts)
	if err != nil {
		return reply{}, err
	}
	r := reply{meta: orZero(meta)}
	for i := range res.Nodes {
		r.entries = append(r.entries, &res.Nodes[i])
	}
	r.entries = solid(r.entries)
	if len(r.entries) == 0 {
		r.because = cmp.Or(r.reason(h), ErrNoMatch)
	}
	return r, nil
}

// hints is what a watch knows that helps to judge an empty answer.
type hints struct {
	wait      time.Duration // longest block
	sawLeader bool          // an earlier answer knew a leader
	explain   func() bool   // whether asking further is affordable now
}

// streaming is what Consul calls the backend that answers blocking health queries from a view in the agent.
const streaming = "streaming"

// reason is why an answer may be empty although the service has instances, as far as its headers say. A proxy
// that strips Consul's headers must not look like a lost leader, so their absence is told from their content.
// The streaming backend says "no leader" at all times, and its view outlives one.
func (r reply) reason(h hints) error {
	m := r.meta
	headers := m.LastContact > 0 || m.DefaultACLPolicy != "" || m.QueryBackend != ""
	switch {
	case m.ResultsFilteredByACLs:
		return ErrACLFiltered
	case !m.KnownLeader && m.QueryBackend != streaming && (headers || h.sawLeader):
		return ErrNoLeader
	}
	return nil
}

// explain asks for the service in any state, then without tags and filter.
func (q query) explain(ctx context.Context, client *api.Client, token string) (census, error) {
	opts := q.options(ctx, 0, 0, token)
	all, meta, err := client.Health().ServiceMultipleTags(q.name, list(q.tags), false, opts)
	all = solid(all)
	switch {
	case err != nil:
		return census{Registered: -1}, nil
	case len(all) > 0:
		return count(all), ErrUnhealthy
	case orZero(meta).ResultsFilteredByACLs:
		return census{}, ErrACLFiltered
	case q.tags == "" && q.filter == "":
		// Consul hides from the anonymous that it hides something.
		return census{anonymous: token == "" && q.client == nil && orZero(meta).DefaultACLPolicy == "deny"}, ErrUnknownService
	}
	opts.Filter = ""
	all, _, err = client.Health().Service(q.name, "", false, opts)
	switch {
	case err != nil:
		return census{Registered: -1}, nil
	case len(all) == 0:
		return census{}, ErrUnknownService
	}
	return count(solid(all)), ErrNoMatch
}

// solid drops what JSON allows and Consul never sends: entries and checks that are null. A proxy that garbles an
// answer must not end the program.
func solid(entries []*api.ServiceEntry) []*api.ServiceEntry {
	entries = slices.DeleteFunc(entries, func(e *api.ServiceEntry) bool { return e == nil || e.Service == nil })
	for _, e := range entries {
		e.Checks = slices.DeleteFunc(e.Checks, func(c *api.HealthCheck) bool { return c == nil })
	}
	return entries
}

func orZero(m *api.QueryMeta) api.QueryMeta {
	if m == nil {
		return api.QueryMeta{}
	}
	return *m
}
