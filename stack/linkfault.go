package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"devstack/stack/wire"
)

// linkKinds are the faults of the network between a replica and those who call it.
func linkKinds() []kind {
	where, ways := []string{"path", "client"}, []string{"path", "client", "direction"}
	return []kind{
		{name: "link-latency", about: "every byte arrives later", args: slices.Concat(ways, []string{"latency", "jitter"}), inject: each(slowLink)},
		{name: "link-bandwidth", about: "so many bytes a second get through", args: slices.Concat(ways, []string{"rate"}), inject: each(narrowLink)},
		{name: "link-blackhole", about: "nothing gets through, and nobody is told: no FIN, no RST", args: ways, inject: each(holdLink)},
		{name: "link-cut", about: "connections are reset when so many more bytes have arrived", args: slices.Concat(ways, []string{"after"}), inject: each(cutLink)},
		{name: "link-reset", about: "RST for every open connection, once", args: where, inject: each(resetLink)},
		{name: "link-refuse", about: "new connections are refused; open ones are not touched", args: where, inject: each(refuseLink)},
		{name: "link-stall", about: "new connections are accepted, and nobody is behind them", args: where, inject: each(stallLink)},
	}
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

// linksOf are the links that the order is about: those of a path and, where that is a
// client's own, of the client that it names, else the first.
func (s *Stack) linksOf(r *Replica, o Order) ([]*wire.Link, error) {
	path := cmp.Or(o.Args["path"], PathService)
	if !slices.Contains(Paths(), path) {
		return nil, fmt.Errorf("path: unknown %q (have %s)", path, strings.Join(Paths(), ", "))
	}
	caller := s.first()
	if name, ok := o.Args["client"]; ok {
		if path != PathClient {
			return nil, fmt.Errorf("client: goes with path %q, not with %q", PathClient, path)
		}
		var err error
		if caller, err = s.clientCalled(name); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
	}
	return s.linksTo(r, path, caller)
}

// breakLinks adds f to the directions that the order is about; both, when it does not say.
func breakLinks(s *Stack, r *Replica, o Order, f wire.Fault) (func(context.Context) error, error) {
	directions, err := directionsOf(o)
	if err != nil {
		return nil, err
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

func directionsOf(o Order) ([]wire.Direction, error) {
	switch text := o.Args["direction"]; text {
	case "", "both":
		return []wire.Direction{wire.Up, wire.Down}, nil
	case "up":
		return []wire.Direction{wire.Up}, nil
	case "down":
		return []wire.Direction{wire.Down}, nil
	default:
		return nil, fmt.Errorf("direction: unknown %q (have up, down, both)", text)
	}
}

func slowLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	latency, err := millis(o, "latency", "100ms")
	if err != nil {
		return nil, err
	}
	jitter, err := millis(o, "jitter", "0s")
	if err != nil {
		return nil, err
	}
	return breakLinks(s, r, o, wire.Fault{Latency: time.Duration(latency) * time.Millisecond, Jitter: time.Duration(jitter) * time.Millisecond})
}

func narrowLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	rate, err := count(o, "rate", 32<<10)
	if err != nil {
		return nil, err
	}
	return breakLinks(s, r, o, wire.Fault{Bandwidth: rate})
}

func holdLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	return breakLinks(s, r, o, wire.Fault{Hold: true})
}

func cutLink(_ context.Context, s *Stack, r *Replica, o Order) (func(context.Context) error, error) {
	after, err := count(o, "after", 1000)
	if err != nil {
		return nil, err
	}
	return breakLinks(s, r, o, wire.Fault{CutAfter: after})
}

// count reads an argument that is a positive number of bytes.
func count(o Order, name string, otherwise int64) (int64, error) {
	text, ok := o.Args[name]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%s: %q is not a positive number of bytes", name, text)
	}
	return n, nil
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
