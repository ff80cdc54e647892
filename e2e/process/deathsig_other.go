//go:build !linux

package process

import "syscall"

// dieWithTests has no counterpart outside Linux: a child outlives a test binary that is killed.
func dieWithTests() *syscall.SysProcAttr { return nil }
