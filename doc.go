// Package waylight is the root of the module and holds no code. The program is in cmd/waylight, the domain in mesh; the way
// from one to the other is drawn in docs/architecture.md. The test beside this file holds the packages to that drawing.
package waylight
