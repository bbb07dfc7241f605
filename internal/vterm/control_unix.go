//go:build unix

package vterm

import (
	"os/exec"
	"syscall"
)

// control makes the terminal cmd's own: the end of the terminal is then the end of cmd.
func control(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
}
