//go:build !linux

package main

import "syscall"

// processGone reports whether pid has ended and was reaped.
func processGone(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH }
