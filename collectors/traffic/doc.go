// Package traffic makes counted traffic (mesh.Traffic) of what proxies count.
//
// A proxy counts since it started. A Meter turns its scrapes, one after the
// other, into how much each counter grew, whatever happens in between: a
// restart, a scrape that is missing or incomplete, a series that is new. A Sum
// adds what counters of many proxies, or the answers of a Prometheus, say of the
// same flow. Nothing is added over reporters: a request through a waypoint is
// counted by up to three proxies (istio.md F).
package traffic
