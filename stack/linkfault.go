package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"devstack/stack/wire"
)

// linkKinds are the faults of the network between a replica and those who call it.
func linkKinds() []kind {
	where := []argument{word("path", Paths()...), text("client")}
	ways := append(slices.Clip(where), word("direction", "up", "down", "both"))
	list := []kind{
		{name: "link-latency", about: "every byte arrives later", args: append(slices.Clip(ways), as("latency", aDuration), as("jitter", aDuration)), inject: each(slowLink)},
		{name: "link-bandwidth", about: "so many bytes a second get through", args: append(slices.Clip(ways), as("rate", someBytes)), inject: each(narrowLink)},
		{name: "link-blackhole", about: "nothing gets through, and nobody is told: no FIN, no RST", args: ways, inject: each(holdLink)},
		{name: "link-cut", about: "connections are reset when so many more bytes have arrived", args: append(slices.Clip(ways), as("after", someBytes)), inject: each(cutLink)},
		{name: "link-reset", about: "RST for every open connection, once", args: where, once: true, inject: each(resetLink)},
		{name: "link-refuse", about: "new connections are refused; open ones are not touched", args: where, inject: each(refuseLink)},
		{name: "link-stall", about: "new connections are accepted, and nobody is behind them", args: where, inject: each(stallLink)},
	}
	for i := range list {
		list[i].fits = haveLinks
	}
	return list
}

// haveLinks says why an order cannot be about any link.
func haveLinks(s *Stack, o Order) error {
	if !s.cfg.Links {
		return ErrNoLinks
	}
	_, _, err := s.linkWay(o)
	return err
}

// linkWay is the path that the order is about and, where that is a client's own, the client
// that it names, else the first.
func (s *Stack) linkWay(o Order) (path string, caller *client, err error) {
	path, caller = cmp.Or(o.Args["path"], PathService), s.first()
	name, ok := o.Args["client"]
	switch {
	case !ok:
		return path, caller, nil
	case path != PathClient:
		return path, nil, fmt.Errorf("%w: client: goes with path %q, not with %q", ErrArgument, PathClient, path)
	}
	if caller, err = s.clientCalled(name); err != nil {
		err = fmt.Errorf("%w: client: %w", ErrArgument, err)
	}
	return path, caller, err
}

// onLinks does do to the links that the order is about, and undoes it when it does not work.
func onLinks(s *Stack, r *Replica, o Order, do func(*wire.Link) (undo func() error, err error)) (func(context.Context) error, error) {
	found, err := s.linksOf(r, o)
	if err != nil {
		return nil, err
	}
	var undos []func() error
	undo := func(context.Context) error {
		var errs []error
		for _, u := range undos {
			errs = append(errs, u())
		}
		return errors.Join(errs...)
	}
	for _, l := range found {
		u, err := do(l)
		if err != nil {
			return nil, errors.Join(err, undo(context.Background()))
		}
		undos = append(undos, u)
	}
	return undo, nil
}

// linksOf are the links to r that the order is about.
func (s *Stack) linksOf(r *Replica, o Order) ([]*wire.Link, error) {
	path, caller, err := s.linkWay(o)
	if err != nil {
		return nil, err
	}
	return s.linksTo(r, path, caller)
}

// breakLinks adds f to the directions that the order is about; both, when it does not say.
func breakLinks(s *Stack, r *Replica, o Order, f wire.Fault) (func(context.Context) error, error) {
	directions := map[string][]wire.Direction{"up": {wire.Up}, "down": {wire.Down}}[o.Args["direction"]]
	if directions == nil {
		directions = []wire.Direction{wire.Up, wire.Down}
	}
	return onLinks(s, r, o, func(l *wire.Link) (func() error, error) {
		var heals []func()
		for _, d := range directions {
			heal, err := l.Add(d, f)
			if err != nil {
				return nil, err
			}
			heals = append(heals, heal)
		}
		return func() error {
			for _, heal := range heals {
				heal()
			}
			return nil
		}, nil
	})
}

func slowLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	latency, err := given(o, "latency", aDuration, 100*time.Millisecond)
	if err != nil {
		return nil, err
	}
	jitter, err := given(o, "jitter", aDuration, 0)
	if err != nil {
		return nil, err
	}
	return breakLinks(s, r, o, wire.Fault{Latency: latency, Jitter: jitter})
}

func narrowLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	rate, err := given(o, "rate", someBytes, 32<<10)
	if err != nil {
		return nil, err
	}
	return breakLinks(s, r, o, wire.Fault{Bandwidth: rate})
}

func holdLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	return breakLinks(s, r, o, wire.Fault{Hold: true})
}

func cutLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	after, err := given(o, "after", someBytes, 1000)
	if err != nil {
		return nil, err
	}
	return breakLinks(s, r, o, wire.Fault{CutAfter: after})
}

// resetLink has nothing to undo: the connections are gone.
func resetLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	return onLinks(s, r, o, func(l *wire.Link) (func() error, error) {
		l.Reset()
		return func() error { return nil }, nil
	})
}

func refuseLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	return onLinks(s, r, o, func(l *wire.Link) (func() error, error) {
		return func() error { return l.Refuse(false) }, l.Refuse(true)
	})
}

func stallLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	return onLinks(s, r, o, func(l *wire.Link) (func() error, error) {
		l.Stall(true)
		return func() error { l.Stall(false); return nil }, nil
	})
}
