package process

import "syscall"

// dieWithTests makes the kernel kill the child when the test binary dies, also by a timeout's panic, after which no
// cleanup runs: an API server left behind would hold memory and ports for good.
func dieWithTests() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
