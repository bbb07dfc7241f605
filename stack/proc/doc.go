// Package proc supervises child processes that cannot outlive their parent.
//
// It promises: a child is in a process group of its own, so that Ctrl-C in a terminal
// reaches only the parent, which then decides the order of the end. Two pipes tie them.
// The child writes what it has to tell, its address first, on the one; it reads the
// other, and its end of file means that the parent is gone, however it went. Wait is
// called exactly once, so an exit is seen exactly once. Stop asks, waits, and kills.
//
// A child that is stopped (SIGSTOP) cannot read an end of file. The kernel wakes it when
// its parent is gone: on Linux the child asks for that (PR_SET_PDEATHSIG), elsewhere
// POSIX has it done for a group that is orphaned with a stopped member. POSIX alone is not
// enough: a container's first process in the same session keeps the group from counting
// as orphaned, and a stop that is not yet complete does not count as one.
package proc
