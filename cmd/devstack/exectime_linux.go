package main

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// execTime is when the kernel started this program, 10 ms exact; the initialization of
// everything that is linked in lies between that and the first line of main. It falls
// back to the start of main.
func execTime() time.Time {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return started
	}
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return started
	}
	up, _, _ := bytes.Cut(uptime, []byte(" "))
	now, err := strconv.ParseFloat(string(up), 64)
	if err != nil {
		return started
	}
	// Field 22 counts from boot in clock ticks of 1/100 s; the name before it, in
	// parentheses, may hold spaces.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const startTime = 22 - 3
	if len(fields) <= startTime {
		return started
	}
	ticks, err := strconv.ParseFloat(string(fields[startTime]), 64)
	if err != nil {
		return started
	}
	age := time.Duration((now - ticks/100) * float64(time.Second))
	if at := time.Now().Add(-age); at.Before(started) {
		return at
	}
	return started
}
