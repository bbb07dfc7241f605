//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// divertStderr sends everything that this process writes to its standard error, the
// runtime's last words included, to the end of the file at path, until back is called.
// Children that are started meanwhile inherit it.
func divertStderr(path string) (back func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	const stderr = 2
	saved, err := unix.FcntlInt(stderr, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("save standard error: %w", err), file.Close())
	}
	if err := unix.Dup2(int(file.Fd()), stderr); err != nil {
		return nil, errors.Join(fmt.Errorf("divert standard error: %w", err), unix.Close(saved), file.Close())
	}
	return func() error {
		return errors.Join(unix.Dup2(saved, stderr), unix.Close(saved), file.Close())
	}, nil
}
