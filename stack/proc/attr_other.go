//go:build !linux

package proc

import "syscall"

// attributes of a child: a group of its own. When the parent dies that group is orphaned,
// and POSIX has the kernel send SIGHUP and SIGCONT to an orphaned group with a stopped
// member.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
