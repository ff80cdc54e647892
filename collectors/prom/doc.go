// Package prom decodes what proxies count: the Prometheus text format and
// OpenMetrics, which write a series in the same way (istio.md A.10 and F).
//
// A waypoint's Envoy has tens of thousands of series of which Waylight needs
// some hundreds. So the answer is read line by line, what is not needed is
// never parsed, and series with the same labels share them. Libraries for the
// format hold the whole answer in memory.
package prom
