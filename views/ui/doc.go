// Package ui holds the leaf components every page is made of: severity, verdict
// and fact marks, names, times, commands, evidence, conditions, tables, tabs,
// panels and the states in which a panel has nothing to show.
//
// A component takes values that are ready to print. It knows no URL but those
// it is given, reads no clock but the one in its context (WithClock) and holds
// no inline style or script: looks are classes of static/src, geometry is SVG
// attributes, behaviour hangs on data-* attributes that static/src/*.js reads.
package ui
