package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"devstack/control"
	"devstack/timeline"
)

func eventsCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "events", Usage: "print the events of a running stack, or with --run of one that is over",
		Flags: remoteFlags(
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on until the run is over"},
			&cli.Uint64Flag{Name: "since", Usage: "begin after event `SEQ`"},
			&cli.StringFlag{Name: "format", EnvVars: []string{"DEVSTACK_EVENTS_FORMAT"}, Value: formatPretty, Usage: "pretty or ndjson"}),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			if err := oneOf("format", c.String("format"), []string{formatPretty, formatNDJSON}); err != nil {
				return err
			}
			show := tellEvent
			if c.String("format") == formatNDJSON {
				show = encodeEvent
			}
			past, err := pastRun(c)
			if err != nil {
				return err
			}
			if past != "" {
				return recorded(past, c.Uint64("since"), func(e timeline.Event) error { return show(std.out, e) })
			}
			return withClient(c, func(ctx context.Context, client *control.Client) error {
				return client.Events(ctx, c.Uint64("since"), c.Bool("follow"), func(e timeline.Event) error { return show(std.out, e) })
			})
		},
	}
}

func encodeEvent(w io.Writer, e timeline.Event) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(e)
}

// tellEvent is an event for a person. The ticks, four a second, are for machines.
func tellEvent(w io.Writer, e timeline.Event) error {
	if e.Type == timeline.TrafficTick || e.Msg == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "%6d %9.3fs  %-24s %s\n", e.Seq, e.T, e.Type, e.Msg)
	return err
}
