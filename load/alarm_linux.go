package load

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// kernelAlarm is a timer of the kernel's; false when there is none to be had.
//
// Go's own timers ring when epoll_wait has waited long enough, and it counts in milliseconds:
// a call begins half of one late on average, together with all others of the same one. A
// kernel timer is a file, for which epoll_wait returns at once.
func kernelAlarm() (*alarm, bool) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, false
	}
	file := os.NewFile(uintptr(fd), "timer")
	a := &alarm{rang: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var rings [8]byte
		for {
			if _, err := file.Read(rings[:]); err != nil {
				return // closed
			}
			a.ring()
		}
	}()
	a.set = func(d time.Duration) {
		once := unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
		if unix.TimerfdSettime(fd, 0, &once, nil) != nil {
			time.AfterFunc(d, a.ring) // late rather than never
		}
	}
	a.close = func() { file.Close(); <-done }
	return a, true
}
