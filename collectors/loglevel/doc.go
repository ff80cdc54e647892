// Package loglevel reads what ztunnels log, raises it for a while when a person
// asks for it, and takes it back when the time is over.
//
// The time is kept in the ztunnel itself, as a directive of its filter that
// matches nothing (mesh.LogFilter.Until). So it is over at the same moment for
// every Waylight that looks, and for one that was started only since. Levels
// live in a ztunnel's memory: one that restarts has its default.
package loglevel
