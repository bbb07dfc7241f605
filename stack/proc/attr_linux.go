package proc

import "syscall"

// attributes of a child: a group of its own, and SIGCONT from the kernel when the thread
// that started it is gone, so that a stopped child wakes up, reads its end of file and
// leaves. A running child does not notice. A stop signal that is still on its way is
// taken back by SIGCONT, so no moment is too early.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGCONT}
}
