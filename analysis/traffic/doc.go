// Package traffic says what counted traffic means: rates, errors and latencies
// of a service by version, how its requests were split against how that is
// declared, failures of connections, how much of it was mTLS, whether calls
// passed the waypoint, and how busy single proxies were.
//
// Everything is a pure function of a snapshot and of its mesh.Traffic. Zero and
// unknown are two things: what was not counted because a proxy was not read is
// never taken for no traffic (see Counts.Gaps). Flows of two reporters are
// never added: each reporter counts the same calls again (istio.md F).
package traffic
