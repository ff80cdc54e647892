//go:build !race

package meshtest

// Racing tells that the race detector is on.
const Racing = false
