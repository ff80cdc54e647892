//go:build race

package meshtest

// Racing tells that the race detector is on, which makes of the second that it
// takes to refuse a gigabyte a minute, and allocates as well.
const Racing = true
