package proc

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Under a process of the same session that takes in orphans (a container's first process,
// systemd --user), the group of a killed parent's child is not orphaned in the sense of
// POSIX, and no SIGHUP comes with the SIGCONT that would wake a stopped one.
func TestPausedChildDoesNotOutliveItsParentUnderASubreaper(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	pid := killedParent(t, "yes")
	mustEnd(t, pid)
	syscall.Wait4(pid, nil, 0, nil) // it became ours
}
