//go:build !linux

package load

func kernelAlarm() (*alarm, bool) { return nil, false }
