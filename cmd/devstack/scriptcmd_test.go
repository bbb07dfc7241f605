package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// setup marks every process of a script, and gives it a few free ports.
func setup(env *testscript.Env) error {
	env.Setenv(markEnv, newMark())
	env.Setenv("CONSUL_HTTP_ADDR", "")
	for i := 1; i <= 4; i++ {
		port, err := unusedPort()
		if err != nil {
			return err
		}
		env.Setenv(fmt.Sprintf("FREE%d", i), port)
	}
	return nil
}

// status runs a program that must end with exactly this exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program [args…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// listen takes a port until the script ends and calls it PORTn.
func listen(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ts.Setenv("PORT"+args[0], port)
}

// nothingLeft waits until no process of the script is left.
func nothingLeft(ts *testscript.TestScript, _ bool, _ []string) {
	if err := awaitNoneLeft(ts.Getenv(markEnv)); err != nil {
		ts.Fatalf("%v", err)
	}
}

// awaitHTTP waits until a page holds a text.
func awaitHTTP(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var last string
	for ctx.Err() == nil {
		body, err := get(ctx, args[0])
		if err == nil && strings.Contains(body, args[1]) {
			return
		}
		last = fmt.Sprint(body, err)
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s never said %q; last: %s", args[0], args[1], last)
}

func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}
