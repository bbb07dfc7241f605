package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"devstack/timeline"
)

// Client talks to the devstack of one run folder. Its methods may be called concurrently.
// An error that the other side meant is an [Error]; nobody on the other side is [ErrGone].
type Client struct {
	Dir  string
	http *http.Client
	end  func()
}

// NewClient is the client of the run in dir. It connects when it has something to say.
// Close it.
func NewClient(dir string) *Client {
	t := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(dir) }}
	return &Client{Dir: dir, http: &http.Client{Transport: t}, end: t.CloseIdleConnections}
}

// Close ends the connections that nobody uses.
func (c *Client) Close() { c.end() }

// Status is the present picture.
func (c *Client) Status(ctx context.Context) (s Status, err error) {
	return s, c.ask(ctx, http.MethodGet, statusPath, nil, &s)
}

// Do has an action performed and returns when it is done.
func (c *Client) Do(ctx context.Context, a Action) (r Result, err error) {
	return r, c.ask(ctx, http.MethodPost, actionPath, a, &r)
}

// LogPath is the file that the child called name writes to.
func (c *Client) LogPath(ctx context.Context, name string) (string, error) {
	var f logFile
	err := c.ask(ctx, http.MethodGet, logPath+"?"+url.Values{"name": {name}}.Encode(), nil, &f)
	return f.Path, err
}

// Events calls f with each event after since, in order. With follow it goes on until the
// run is over (nil), f returns an error, or ctx ends. A devstack that is killed ends the
// stream in the middle, which is an error.
func (c *Client) Events(ctx context.Context, since uint64, follow bool, f func(timeline.Event) error) error {
	resp, err := c.send(ctx, http.MethodGet, fmt.Sprintf("%s?since=%d&follow=%v", eventsPath, since, follow), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for lines := bufio.NewReaderSize(resp.Body, 1<<16); ; {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		var e timeline.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

func (c *Client) ask(ctx context.Context, method, path string, body, into any) error {
	resp, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("read the answer of the devstack of %s: %w", c.Dir, err)
	}
	return nil
}

// send returns an answer that is no error; its body is the caller's to close.
func (c *Client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://devstack"+path, content)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unwrapped(err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var failed failure
	if err := json.NewDecoder(resp.Body).Decode(&failed); err != nil || failed.Error == nil {
		return nil, fmt.Errorf("the devstack of %s answered %s", c.Dir, resp.Status)
	}
	return nil, failed.Error
}

// unwrapped takes off the words that net/http puts around our own.
func unwrapped(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
