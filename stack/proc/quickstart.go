package proc

import (
	"os"
	"runtime/debug"
)

// QuickStart in the environment of a Go child keeps its garbage collector away until the
// child calls Inherit. Nearly all that the packages linked in here allocate while they are
// initialized stays for good: collecting four times on the way frees next to nothing.
const QuickStart = "GOGC=off"

// collect ends what QuickStart began, for this process and those that it starts.
func collect() {
	if os.Getenv("GOGC") == "off" {
		os.Unsetenv("GOGC")
		debug.SetGCPercent(100)
	}
}
