package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// SocketFile is the name of the control socket in a run folder.
const SocketFile = "control.sock"

// ErrGone is what a run folder without a living devstack gives. A socket that its owner
// left behind is the same, and whoever talks to it removes it on the way.
var ErrGone = errors.New("no devstack is running there")

// listen makes the socket of dir, for this user alone: it is born in a folder that nobody
// else can enter and moves to its name when its mode is right, over any stale one.
func listen(dir string) (*net.UnixListener, error) {
	nest, err := os.MkdirTemp(dir, "control-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("make a place for the control socket: %w", err)
	}
	defer os.RemoveAll(nest)
	born := filepath.Join(nest, SocketFile)
	var l *net.UnixListener
	err = short(born, func(path string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on a control socket in %s: %w", dir, err)
	}
	l.SetUnlinkOnClose(false) // the name it was born with is gone by then
	err = errors.Join(os.Chmod(born, 0o600), os.Rename(born, filepath.Join(dir, SocketFile)))
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("place the control socket: %w", err)
	}
	return l, nil
}

// errStale is the socket of a devstack that was killed.
var errStale = fmt.Errorf("%w (its socket was stale)", ErrGone)

// dial connects to the socket of dir, and removes it when it is stale.
func dial(dir string) (net.Conn, error) {
	conn, err := connect(dir)
	if errors.Is(err, errStale) {
		os.Remove(filepath.Join(dir, SocketFile))
	}
	return conn, err
}

func connect(dir string) (conn net.Conn, err error) {
	err = short(filepath.Join(dir, SocketFile), func(path string) (err error) {
		conn, err = net.Dial("unix", path)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, fmt.Errorf("%s: %w", dir, ErrGone)
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%s: %w", dir, errStale)
	case err != nil:
		return nil, fmt.Errorf("reach the devstack of %s: %w", dir, err)
	}
	return conn, nil
}

// Stale reports whether dir holds a socket that nobody answers, and leaves it there.
func Stale(dir string) bool {
	conn, err := connect(dir)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, errStale)
}

// Alive reports whether a devstack answers in dir. It removes a stale socket.
func Alive(dir string) (bool, error) {
	conn, err := dial(dir)
	if errors.Is(err, ErrGone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, conn.Close()
}

// maxPath is what every system takes as the path of a socket.
const maxPath = 100
