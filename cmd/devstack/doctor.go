package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"devstack/timeline"
)

// finding is one thing that should not be. fix is nil when only a person can put it right.
type finding struct {
	what, hint string
	fix        func() error
}

// examination looks at one thing. It says what is as it should be, or what it found.
type examination func(context.Context) (fine string, found []finding, err error)

const usualPort = 8500

func doctorCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "look for leftovers, taken ports and tight limits",
		Description: "Ends with status 0 when nothing is wrong, with 1 otherwise. --fix ends only processes that are\ndevstack's own children and whose devstack is gone, and removes only what a dead run left behind.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "fix", Usage: "clean what was found"},
			&cli.IntFlag{Name: "http-port", Value: usualPort, Usage: "`PORT` to look at"},
			&cli.StringFlag{Name: "out", Value: timeline.DefaultRoot, Usage: "`DIR` that run folders are in"},
		},
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			root := c.String("out")
			return examine(c.Context, std, c.Bool("fix"), []examination{
				orphans, leftovers(root), port(c.Int("http-port")), limits,
			})
		},
	}
}

// examine makes every examination and says what came of it.
func examine(ctx context.Context, std streams, fix bool, exams []examination) error {
	left := 0
	var errs []error
	for _, look := range exams {
		fine, found, err := look(ctx)
		errs = append(errs, err)
		if len(found) == 0 && fine != "" {
			fmt.Fprintf(std.out, "ok      %s\n", fine)
		}
		for _, f := range found {
			if !treat(std, f, fix) {
				left++
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	switch {
	case left == 0:
		return nil
	case fix:
		return &exit{status: exitFailed, err: fmt.Errorf("%d left that devstack cannot put right", left)}
	}
	return &exit{status: exitFailed, err: fmt.Errorf("%d found", left), hint: "devstack doctor --fix"}
}

// treat says what was found, and puts it right when it may and can.
func treat(std streams, f finding, fix bool) (fixed bool) {
	word := "found  "
	if fix && f.fix != nil {
		if err := f.fix(); err != nil {
			f.hint = err.Error()
		} else {
			word, fixed, f.hint = "fixed  ", true, ""
		}
	}
	fmt.Fprintf(std.out, "%s %s\n", word, f.what)
	if f.hint != "" {
		fmt.Fprintf(std.out, "        %s\n", f.hint)
	}
	return fixed
}

// spoken is a command line short enough for a sentence, without its secrets.
func spoken(args []string) string {
	line, _, more := strings.Cut(strings.Join(redacted(args), " "), "\n")
	const enough = 80
	if runes := []rune(line); len(runes) > enough {
		line, more = string(runes[:enough]), true
	}
	if more {
		line += " …"
	}
	return line
}

// limits looks at what the kernel lets this user have.
func limits(context.Context) (string, []finding, error) {
	const enough = 1024
	n, err := openFiles()
	if err != nil {
		return "", nil, fmt.Errorf("read the limit of open files: %w", err)
	}
	if n < enough {
		return "", []finding{{what: fmt.Sprintf("only %d files may be open at a time", n), hint: fmt.Sprintf("ulimit -n %d", 4*enough)}}, nil
	}
	return fmt.Sprintf("%d files may be open at a time", n), nil, nil
}

// leftovers looks at the folders of runs that are over.
func leftovers(root string) examination {
	return func(ctx context.Context) (string, []finding, error) {
		dirs, err := runDirs(root)
		if err != nil {
			return "", nil, err
		}
		found := strayLinks(root)
		for _, dir := range dirs {
			if ctx.Err() != nil {
				return "", nil, context.Cause(ctx)
			}
			r := readRunStart(dir)
			if r.alive() {
				continue
			}
			found = slices.Concat(found, staleSocket(dir), tempFiles(dir), keptByConsul(dir), unhealed(r))
		}
		return fmt.Sprintf("%d run folders in %s without a leftover", len(dirs), root), found, nil
	}
}
